-- How many dead letters each filter leaves by itself, counted no further than a bound; each from its index.
--
-- Returns: one
-- Not null: by_reason, by_source, by_open, by_resolved, by_time

select
  (
    select count(*)
    from
      (
        select 1
        from dead_letter_events as d
        where d.reason = cast(:reason as text)
        limit :bound
      ) as n
  ) as by_reason,
  (
    select count(*)
    from
      (
        select 1
        from dead_letter_events as d
        where
          d.source_id in (
            select s.source_id
            from sources as s
            where
              s.path_shown = cast(:source as text)
              or cast(s.source_id as text) = cast(:source as text)
          )
        limit :bound
      ) as n
  ) as by_source,
  (
    select count(*)
    from
      (
        select 1
        from dead_letter_events as d
        where d.resolved_at is null
        limit :bound
      ) as n
  ) as by_open,
  (
    select count(*)
    from
      (
        select 1
        from dead_letter_events as d
        where d.resolved_at is not null
        limit :bound
      ) as n
  ) as by_resolved,
  (
    select count(*)
    from
      (
        select 1
        from dead_letter_events as d
        where
          d.created_at >= coalesce(
            cast(cast(:since as text) as timestamptz),
            '-infinity'
          )
          and d.created_at < coalesce(
            cast(cast(:until as text) as timestamptz),
            'infinity'
          )
        limit :bound
      ) as n
  ) as by_time;
