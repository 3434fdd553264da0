-- When the risk rules were last changed, as the audit log has it; NULL where they never were.
--
-- Returns: one

select max(a.occurred_at) as changed_at
from audit_log as a
where a.table_name = 'risk_rules';
