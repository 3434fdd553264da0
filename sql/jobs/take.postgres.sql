-- Makes a worker the only one at a job.
--
-- Returns: one
-- Not null: job_id

select cast(:job_id as bigint) as job_id
from take_job(:job_id, :worker) as r;
