-- 0012_undo_sessions_create: undo
--
-- Why:         Takes back the up file.
-- Undo:        Apply the up file again; nothing is lost.

drop table undo_events;

drop table undo_sessions;
