-- 0004_session_summaries_copy_back
--
-- Why:         The way back from 0005 has a step for rows that were written when the old name was gone: the down file.
-- Locks:       None.
-- Rewrites:    Nothing.
-- Undo:        The down file fills the old column in batches, from the new one.
-- Transaction: one
-- Phase:       backfill

select 1;
