-- event_ledger: the law of conservation in one row: events stored, summed up by sessions, without one, and sealed.
--
-- Reads:   raw_events, session_summaries, ingest_batches, duplicate_sightings
-- Differs: from sqlite in nothing but the spelling.
--
-- raw_events = summed_events + unattributed_events, and raw_events = accepted_events. An undone batch has no events any more;
-- those that another batch had seen too are counted by the batch that carries them.
create or replace view event_ledger as
  select
    (select count(*) from raw_events) as raw_events,
    (
      select cast(coalesce(sum(s.event_count), 0) as bigint)
      from session_summaries as s
    ) as summed_events,
    (
      select count(*) from raw_events as e where e.session_id = ''
    ) as unattributed_events,
    (
      select cast(coalesce(sum(b.events_accepted), 0) as bigint)
      from ingest_batches as b
      where b.sealed_at is not null and b.undone_at is null
    ) as accepted_events,
    (
      select cast(coalesce(sum(d.sightings), 0) as bigint)
      from duplicate_sightings as d
    ) as duplicate_sightings;
