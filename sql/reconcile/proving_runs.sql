-- The runs that must have a certificate.
--
-- Returns: many

select r.run_id
from reconcile_runs as r
where r.finished_at is not null and r.mode != 'quick'
order by r.run_id;
