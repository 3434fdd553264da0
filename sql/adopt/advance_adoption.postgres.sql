-- Notes that the events of another store up to one of its rows are taken over.
--
-- Returns: one
-- Not null: job_id

select cast(:job_id as bigint) as job_id
from advance_adoption(:job_id, :fence, :up_to_id) as r;
