-- Makes a worker the only one at a job.
--
-- Returns: one
-- Not null: job_id

insert into take_job (job_id, worker)
values (:job_id, :worker)
returning job_id;
