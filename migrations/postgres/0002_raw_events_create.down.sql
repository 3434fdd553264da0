-- 0002_raw_events_create: undo
--
-- Why:         Takes back the up file.
-- Undo:        Apply the up file again; what the tables held is lost.

drop table duplicate_sightings;
drop table raw_events;
drop table session_identifiers;
drop table event_types;
drop table event_flags;
