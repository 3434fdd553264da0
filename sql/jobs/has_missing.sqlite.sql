-- Whether there is a session that has events and no summary.
--
-- Returns: one
-- Not null: has_missing

select
  exists (
    select 1
    from
      (
        select e.session_id
        from raw_events as e
        where e.session_id > ''
        group by e.session_id
      ) as t
    where
      not exists (
        select 1 from session_summaries as s where s.session_id = t.session_id
      )
  ) as has_missing;
