-- Begins a job, unless one of its kind and mode is open.
--
-- Returns: one
-- Not null: kind

select cast(:kind as text) as kind
from
  open_job(
    :kind,
    cast(cast(:from_at as text) as timestamptz),
    cast(cast(:to_at as text) as timestamptz),
    :session_id,
    :batch_size,
    :actor,
    cast(cast(:params as text) as jsonb),
    :first_cursor,
    :last_cursor
  ) as r;
