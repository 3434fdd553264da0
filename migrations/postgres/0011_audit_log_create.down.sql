-- 0011_audit_log_create: undo
--
-- Why:         Takes back the up file.
-- Undo:        Apply the up file again; what the log held is lost.

drop table audit_log;
