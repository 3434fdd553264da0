-- 0006_session_summaries_create: undo
--
-- Why:         Takes back the up file.
-- Undo:        Apply the up file again and rebuild; enrichment and snapshots are lost.

drop table session_summaries;
