-- What the store holds in all.
--
-- Returns: one
-- Not null: batches, events, sessions, unattributed, duplicates, rejected, skipped, sources

select
  (select count(*) from ingest_batches) as batches,
  (
    select cast(coalesce(sum(b.events_accepted), 0) as bigint)
    from ingest_batches as b
  ) as events,
  (select count(*) from session_summaries) as sessions,
  (
    select count(*) from raw_events as e where e.session_id = ''
  ) as unattributed,
  (
    select cast(coalesce(sum(b.events_duplicate), 0) as bigint)
    from ingest_batches as b
  ) as duplicates,
  (
    select cast(coalesce(sum(b.records_rejected), 0) as bigint)
    from ingest_batches as b
  ) as rejected,
  (
    select cast(coalesce(sum(b.records_skipped), 0) as bigint)
    from ingest_batches as b
  ) as skipped,
  (select count(*) from sources) as sources;
