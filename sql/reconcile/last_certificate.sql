-- The last certificate.
--
-- Returns: maybe

select run_id, previous_root, root, facts, issued_at
from reconcile_certificates
order by run_id desc
limit 1;
