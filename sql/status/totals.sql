-- What the store holds in all.
--
-- Returns: one
-- Not null: batches, events, sessions, unattributed, duplicates, rejected, skipped, sources

select
  (select count(*) from ingest_batches) as batches,
  (select coalesce(sum(b.events_accepted), 0) from ingest_batches as b) as events,
  (select count(*) from session_summaries) as sessions,
  (select count(*) from raw_events as e where e.session_id = '') as unattributed,
  (select coalesce(sum(b.events_duplicate), 0) from ingest_batches as b) as duplicates,
  (select coalesce(sum(b.records_rejected), 0) from ingest_batches as b) as rejected,
  (select coalesce(sum(b.records_skipped), 0) from ingest_batches as b) as skipped,
  (select count(*) from sources) as sources;
