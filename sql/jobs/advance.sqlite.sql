-- Moves a job on over what a reader has found to be right.
--
-- Returns: one
-- Not null: job_id

insert into advance_job (job_id, fence, phase, up_to_id, session_count)
values (:job_id, :fence, :phase, :up_to_id, :session_count)
returning job_id;
