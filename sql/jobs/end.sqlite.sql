-- Ends a job that has done its last step.
--
-- Returns: one
-- Not null: job_id

insert into end_job (job_id, fence, state)
values (:job_id, :fence, :state)
returning job_id;
