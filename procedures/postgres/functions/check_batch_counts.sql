-- check_batch_counts: whether the counts of a batch that is about to be sealed are true.
--
-- Takes:   batch, the row as it would be; events, the number of its events
-- Gives:   nothing
-- Reads:   dead_letter_events, duplicate_sightings, batch_evidence
-- Fails:   WR005 events; WR006 dead letters; WR007 sightings or skips; WR008 the evidence
-- Differs: sqlite does this inside ingest_batches_before_update.
create or replace function check_batch_counts(
  batch ingest_batches,
  events bigint
)
returns void
language plpgsql
set search_path from current
as $$
begin
  if batch.events_accepted is distinct from check_batch_counts.events then
    raise exception using
      errcode = 'WR005',
      message = 'events_accepted is not the number of events in the batch';
  end if;

  if
    batch.records_rejected is distinct from (
      select count(*)
      from dead_letter_events as d
      where d.batch_id = batch.batch_id
    )
  then
    raise exception using
      errcode = 'WR006',
      message = 'records_rejected is not the number of dead letters of the batch';
  end if;

  if
    batch.events_duplicate is distinct from (
      select coalesce(sum(d.sightings), 0)
      from duplicate_sightings as d
      where d.batch_id = batch.batch_id
    )
    or batch.records_skipped is distinct from (
      select
        coalesce(
          sum(case jsonb_typeof(s.value) when 'number' then s.value::numeric end),
          0
        )
      from jsonb_each(batch.skip_counts) as s
    )
  then
    raise exception using
      errcode = 'WR007',
      message = 'events_duplicate or records_skipped is not the sum of what was noted';
  end if;

  if
    batch.events_accepted is distinct from coalesce(
      (
        select v.line_count
        from batch_evidence as v
        where v.batch_id = batch.batch_id
      ),
      0
    )
  then
    raise exception using
      errcode = 'WR008',
      message = 'the evidence does not hold the accepted records';
  end if;
end;
$$;
