-- 0016_ip_type_rules_create_fill: undo
--
-- Why:         Takes back the up file.
-- Undo:        Apply the up file again; rules that were changed by hand are lost.

drop table reserved_prefixes;

drop table ip_type_rules;
