-- Ends an adoption that has done all of its work.
--
-- Returns: one
-- Not null: job_id

select cast(:job_id as bigint) as job_id
from end_adoption(:job_id, :fence) as r;
