-- Does one batch of a job.
--
-- Returns: one
-- Not null: job_id

select cast(:job_id as bigint) as job_id
from run_job_batch(:job_id, :fence, :batch_size) as r;
