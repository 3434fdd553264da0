-- Moves a job on over what a reader has found to be right.
--
-- Returns: one
-- Not null: job_id

select cast(:job_id as bigint) as job_id
from advance_job(:job_id, :fence, :phase, :up_to_id, :session_count) as r;
