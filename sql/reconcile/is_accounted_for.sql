-- Whether something accounts for a change of a bucket since a position of the chain: a new event in a session that began on
-- the day, or began before and went on to it (its earliest event may have come late), an undo, or a rebuild that changed rows.
--
-- Returns: one
-- Not null: is_accounted_for
--
-- Limit: an undo or a rebuild accounts for all buckets; which sessions it touched is not kept.

select
  case
    when exists (
      select 1
      from ingest_batches as u
      where u.undone_at >= :since
    )
    or exists (
      select 1
      from jobs as j
      where
        j.rows_inserted + j.rows_updated + j.rows_deleted > 0
        and coalesce(j.finished_at, j.heartbeat_at) >= :since
    )
    or exists (
      select 1
      from
        session_lines as l
        join session_summaries as s on s.session_id = l.session_id
      where
        l.session_id >= :from_session
        and l.session_id < :before_session
        and l.day <= :day
        and s.last_event_at >= :day_begins
        and exists (
          select 1
          from raw_events as e
          where e.session_id = l.session_id and e.event_id >= :first_event_id
        )
    ) then 1
    else 0
  end as is_accounted_for;
