-- What the store holds in all; what undone batches came to is left out.
--
-- Returns: one
-- Not null: batches, events, sessions, unattributed, duplicates, rejected, skipped, sources
--
-- An event that a carry batch holds was a duplicate when the batch it is carried for saw it, and counts as none now.

select
  (select count(*) from ingest_batches) as batches,
  (
    select cast(coalesce(sum(b.events_accepted), 0) as bigint)
    from ingest_batches as b
    where b.undone_at is null
  ) as events,
  (select count(*) from session_summaries) as sessions,
  (
    select count(*) from raw_events as e where e.session_id = ''
  ) as unattributed,
  (
    select
      cast(
        coalesce(
          sum(
            case b.kind
              when 'carry' then -b.events_accepted
              else b.events_duplicate
            end
          ),
          0
        ) as bigint
      )
    from ingest_batches as b
    where b.undone_at is null
  ) as duplicates,
  (
    select cast(coalesce(sum(b.records_rejected), 0) as bigint)
    from ingest_batches as b
    where b.undone_at is null
  ) as rejected,
  (
    select cast(coalesce(sum(b.records_skipped), 0) as bigint)
    from ingest_batches as b
    where b.undone_at is null
  ) as skipped,
  (select count(*) from sources) as sources;
