-- 0003_event_types_fill: undo
--
-- Why:         Takes back the up file.
-- Undo:        Apply the up file again; nothing else is lost.

delete from event_types where legacy_of is not null;
delete from event_types;
