-- 0004_dead_letter_events_create: undo
--
-- Why:         Takes back the up file.
-- Undo:        Apply the up file again; what the tables held is lost.

drop table dead_letter_events;
drop table dead_letter_reasons;
