-- Does one batch of a job.
--
-- Returns: one
-- Not null: job_id

insert into run_job_batch (job_id, fence, batch_size)
values (:job_id, :fence, :batch_size)
returning job_id;
