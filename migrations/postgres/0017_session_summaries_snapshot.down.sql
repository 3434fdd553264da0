-- 0017_session_summaries_snapshot: undo
--
-- Why:         Takes back the up file.
-- Undo:        Apply the up file again; the indexes are built anew, which status a backfill replaced is lost.

drop index ix_session_summaries_snapshot_asn;

drop index ix_session_summaries_snapshot_country;

drop table ip_recounts;

drop table snapshot_priors;
