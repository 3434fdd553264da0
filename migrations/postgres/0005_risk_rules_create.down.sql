-- 0005_risk_rules_create: undo
--
-- Why:         Takes back the up file.
-- Undo:        Apply the up file again; rules changed since are lost.

drop table risk_rules;
