-- check_batch_counts: whether the counts and times of a batch that is about to be sealed are true.
--
-- Takes:  batch_id, its counts and outer times, inserted as a row
-- Reads:  raw_events, unknown_event_flags, dead_letter_events, duplicate_sightings, batch_evidence
-- Fails:  WR005 events; WR006 dead letters; WR007 sightings or skips; WR008 the evidence; WR009 the times; WR011 a flag
-- Differs: a view with an INSTEAD OF trigger; postgres has a function, whose caller counts and times the events.
--
-- Called by ingest_batches_before_update alone.
create view check_batch_counts as
  select
    cast(null as integer) as batch_id,
    cast(null as integer) as events_accepted,
    cast(null as integer) as events_duplicate,
    cast(null as integer) as records_rejected,
    cast(null as integer) as records_skipped,
    cast(null as text) as skip_counts,
    cast(null as text) as first_event_at,
    cast(null as text) as last_event_at
  where false;

create trigger tr_check_batch_counts_instead_of_insert
instead of insert on check_batch_counts
begin
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
    ) as t;

  select
    raise(
      abort,
      'WR006 records_rejected is not the number of dead letters of the batch'
    )
  where
    new.records_rejected is not (
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
    new.events_duplicate is not (
      select coalesce(sum(d.sightings), 0)
      from duplicate_sightings as d
      where d.batch_id = new.batch_id
    )
    or new.records_skipped is not (
      select coalesce(sum(s.value), 0)
      from json_each(new.skip_counts) as s
    );

  select raise(abort, 'WR008 the evidence does not hold the accepted records')
  where
    new.events_accepted is not coalesce(
      (
        select v.line_count
        from batch_evidence as v
        where v.batch_id = new.batch_id
      ),
      0
    );
end;
