-- The certificates in their order.
--
-- Returns: many

select run_id, previous_root, root, facts, issued_at
from reconcile_certificates
order by run_id;
