-- Empties the journal.
--
-- Returns: none

delete from hydration_journal;
