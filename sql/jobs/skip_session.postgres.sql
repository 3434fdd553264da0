-- Leaves out the next session of a job, and notes why.
--
-- Returns: one
-- Not null: job_id

select cast(:job_id as bigint) as job_id
from skip_job_session(:job_id, :fence, :error) as r;
