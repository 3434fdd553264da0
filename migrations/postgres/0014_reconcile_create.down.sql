-- 0014_reconcile_create: undo
--
-- Why:         Takes back the up file.
-- Undo:        Apply the up file again; findings, certificates, the archive of repairs and the memory of proofs are lost.

drop table repaired_files;

drop table repaired_commands;

drop table repaired_summaries;

drop table repairs;

drop table reconcile_certificates;

drop table reconcile_findings;

drop table reconcile_days;

drop table reconcile_pending_buckets;

drop table reconcile_buckets;

drop table reconcile_runs;

drop table drift_columns;

drop table drift_classes;

drop table reconcile_ranges;
