-- 0009_event_fields_create_fill: undo
--
-- Why:         Takes back the up file.
-- Undo:        Apply the up file again; fields added by hand are lost.

drop table event_fields;
