-- ingest_batches_before_update: a sealed batch does not change, and a batch is sealed only when its counts are true.
--
-- Reads:  raw_events, dead_letter_events, duplicate_sightings, batch_evidence, ingest_batches
-- Fails:  WR004 sealed already; WR005 to WR011 a count, the evidence, the times, the chain or a flag is not true
create trigger tr_ingest_batches_before_update
before update on ingest_batches
begin
  select raise(abort, 'WR004 a sealed batch does not change')
  where old.sealed_at is not null or new.batch_id != old.batch_id;

  select raise(abort, 'WR010 the chain does not follow the last sealed batch')
  where
    new.sealed_at is null
    and (new.chain_position is not null or new.chain_digest is not null)
    or exists (
      select 1
      from ingest_batches as b
      where b.chain_digest = new.chain_digest and b.batch_id != new.batch_id
    );

  select
    case
      when new.events_accepted is not t.events then raise(
        abort,
        'WR005 events_accepted is not the number of events in the batch'
      )
      when new.first_event_at is not t.first_at
      or new.last_event_at is not t.last_at then raise(
        abort,
        'WR009 first_event_at or last_event_at is not the time of an outer event'
      )
      when t.flagged > 0
      and exists (
        select 1
        from unknown_event_flags as u
        where
          u.event_id >= new.batch_id * 1048576
          and u.event_id < (new.batch_id + 1) * 1048576
      ) then raise(
        abort,
        'WR011 an event has a flag that is not in event_flags'
      )
    end
  from
    (
      select
        count(*) as events,
        min(e.occurred_at) as first_at,
        max(e.occurred_at) as last_at,
        count(*) filter (where e.flags != '') as flagged
      from raw_events as e
      where
        e.event_id >= new.batch_id * 1048576
        and e.event_id < (new.batch_id + 1) * 1048576
    ) as t
  where new.sealed_at is not null;

  select
    raise(
      abort,
      'WR006 records_rejected is not the number of dead letters of the batch'
    )
  where
    new.sealed_at is not null
    and new.records_rejected is not (
      select count(*)
      from dead_letter_events as d
      where d.batch_id = new.batch_id
    );

  select
    raise(
      abort,
      'WR007 events_duplicate or records_skipped is not the sum of what was noted'
    )
  where
    new.sealed_at is not null
    and (
      new.events_duplicate is not (
        select coalesce(sum(d.sightings), 0)
        from duplicate_sightings as d
        where d.batch_id = new.batch_id
      )
      or new.records_skipped is not (
        select coalesce(sum(s.value), 0)
        from json_each(new.skip_counts) as s
      )
    );

  select raise(abort, 'WR008 the evidence does not hold the accepted records')
  where
    new.sealed_at is not null
    and new.events_accepted is not coalesce(
      (
        select v.line_count
        from batch_evidence as v
        where v.batch_id = new.batch_id
      ),
      0
    );

  select
    raise(abort, 'WR010 the chain does not follow the last sealed batch')
  where
    new.sealed_at is not null
    and new.chain_position is not (
      select coalesce(max(b.chain_position), 0) + 1
      from ingest_batches as b
    );
end;
