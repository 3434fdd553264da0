-- Ends a job that has done its last step.
--
-- Returns: one
-- Not null: job_id

select cast(:job_id as bigint) as job_id
from end_job(:job_id, :fence, :state) as r;
