-- 0015_inventory_create: undo
--
-- Why:         Takes back the up file.
-- Undo:        Apply the up file again, then import again; what was known when is lost.

drop table file_verdicts_history;

drop table file_verdicts;

drop table asn_inventory_history;

drop table asn_inventory;

drop table ip_inventory_history;

drop table ip_inventory;
