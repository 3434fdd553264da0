-- Sessions that a job has left out, in key order.
--
-- Returns: many

select f.session_id, f.error, f.failed_at
from job_failures as f
where f.job_id = :job_id
order by f.session_id
limit :row_limit;
