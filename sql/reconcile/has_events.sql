-- Whether a session has an event.
--
-- Returns: one
-- Not null: has_events

select
  case
    when exists (
      select 1
      from raw_events as e
      where e.session_id = :session_id
    ) then 1
    else 0
  end as has_events;
