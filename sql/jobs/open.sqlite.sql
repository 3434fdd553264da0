-- Begins a job, unless one of its kind and mode is open.
--
-- Returns: one
-- Not null: kind

insert into open_job
  (
    kind,
    from_at,
    to_at,
    session_id,
    batch_size,
    actor,
    params,
    first_cursor,
    last_cursor
  )
values
  (
    :kind,
    :from_at,
    :to_at,
    :session_id,
    :batch_size,
    :actor,
    :params,
    :first_cursor,
    :last_cursor
  )
returning kind;
