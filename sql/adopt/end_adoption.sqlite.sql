-- Ends an adoption that has done all of its work.
--
-- Returns: one
-- Not null: job_id

insert into end_adoption (job_id, fence)
values (:job_id, :fence)
returning job_id;
