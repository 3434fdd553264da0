-- 0019_hydrate_create: undo
--
-- Why:         Takes back the up file.
-- Undo:        Apply the up file again; the records of copies are lost, and a retired store is open again.

drop table hydration_quarantine;

drop table hydration_objects;

drop table hydration_chunks;

drop table hydrations;

drop table store_state;
