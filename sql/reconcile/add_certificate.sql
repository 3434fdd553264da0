-- Adds a certificate.
--
-- Returns: none

insert into reconcile_certificates (run_id, previous_root, root, facts)
values (:run_id, :previous_root, :root, :facts);
