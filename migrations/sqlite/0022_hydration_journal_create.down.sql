-- 0022_hydration_journal_create: undo
--
-- Why:         Takes back the up file.
-- Undo:        Apply the up file again.

drop table hydration_journal;
