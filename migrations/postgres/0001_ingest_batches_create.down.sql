-- 0001_ingest_batches_create: undo
--
-- Why:         Takes back the up file.
-- Undo:        Apply the up file again; what the tables held is lost.

drop table batch_evidence;
drop table ingest_batches;
drop table sources;
