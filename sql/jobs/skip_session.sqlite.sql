-- Leaves out the next session of a job, and notes why.
--
-- Returns: one
-- Not null: job_id

insert into skip_job_session (job_id, fence, error)
values (:job_id, :fence, :error)
returning job_id;
