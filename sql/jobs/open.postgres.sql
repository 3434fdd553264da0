-- Begins a job, unless one of its kind is open.
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
    :actor
  ) as r;
