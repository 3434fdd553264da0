-- Whether a rebuild of a range of sessions would write anything, and how many they are; parts names summaries, command_stats or both.
--
-- Returns: one
-- Not null: differs, session_count

select
  (
    instr(:parts, 'command_stats') > 0
    and (
      select
        count(d.action) > 0
        or count(*) != (
          select count(*)
          from
            session_places as d
            cross join command_stats as t on t.session_id = d.session_id
          where
            d.summary_id > :after_id
            and d.summary_id <= :up_to_id
            and d.first_event_at >= :from_at
            and d.first_event_at < :to_at
        )
      from command_comparisons as d
      where
        d.summary_id > :after_id
        and d.summary_id <= :up_to_id
        and d.stored_first_at >= :from_at
        and d.stored_first_at < :to_at
    )
    or instr(:parts, 'summaries') > 0
    and (
      (
        select
          count(*) filter (where d.differs) > 0
          or count(*) != (
            select count(*)
            from session_places as p
            where
              p.summary_id > :after_id
              and p.summary_id <= :up_to_id
              and p.first_event_at >= :from_at
              and p.first_event_at < :to_at
          )
        from session_comparisons as d
        where
          d.summary_id > :after_id
          and d.summary_id <= :up_to_id
          and d.stored_first_at >= :from_at
          and d.stored_first_at < :to_at
      )
      or exists (
        select 1
        from file_differences as d
        where
          d.summary_id > :after_id
          and d.summary_id <= :up_to_id
          and d.stored_first_at >= :from_at
          and d.stored_first_at < :to_at
          and d.is_counted >= 1
      )
    )
  ) as differs,
  (
    select count(*)
    from session_places as d
    where
      d.summary_id > :after_id
      and d.summary_id <= :up_to_id
      and d.first_event_at >= :from_at
      and d.first_event_at < :to_at
  ) as session_count;
