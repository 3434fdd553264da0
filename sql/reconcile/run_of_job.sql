-- The run that a job does; none where it does another thing.
--
-- Returns: maybe

select r.run_id
from reconcile_runs as r
where r.job_id = :job_id;
