-- Begins a job that takes back what a backfill of snapshots has filled, unless it is open.
--
-- Returns: one
-- Not null: filled_by_job_id

select cast(:filled_by_job_id as bigint) as filled_by_job_id
from open_clear(cast(:filled_by_job_id as bigint), :batch_size, :actor) as r;
