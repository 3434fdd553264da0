-- sensor_gaps: stretches longer than sensor_gap_minutes in which a sensor has no event.
--
-- Reads:   sensor_presence, ingest_batches, session_summaries, settings
-- Needs:   sensor_presence
-- Differs: booleans are BOOLEAN.
--
-- An open gap is that of a sensor that is silent while others are not: gap_end is NULL and seconds run to the newest event of
-- the store, never to the clock of the machine. is_retired says that an open gap is longer than sensor_retired_days. A batch with
-- an event of more than a day after its load, whose clock was wrong, does not say what the newest event is.
create or replace view sensor_gaps as
  select
    g.sensor,
    g.gap_start,
    g.gap_end,
    g.seconds,
    g.gap_end is null as is_open,
    g.gap_end is null and g.seconds > 86400 * r.value as is_retired
  from
    (
      select
        p.sensor,
        p.gap_start,
        p.gap_end,
        cast(
          floor(
            extract(epoch from coalesce(p.gap_end, n.last_event_at))
          ) as bigint
        ) - cast(floor(extract(epoch from p.gap_start)) as bigint) as seconds
      from
        (
          select
            q.sensor,
            max(q.ends_at) over (
              partition by q.sensor
              order by q.begins_at
              rows between unbounded preceding and current row
            ) as gap_start,
            lead(q.begins_at) over (
              partition by q.sensor
              order by q.begins_at
            ) as gap_end
          from sensor_presence as q
        ) as p
        cross join (
          select
            coalesce(
              (
                select max(b.last_event_at)
                from ingest_batches as b
                where
                  b.undone_at is null
                  and b.last_event_at <= b.sealed_at + interval '1 day'
              ),
              (select max(s.last_event_at) from session_summaries as s)
            ) as last_event_at
        ) as n
    ) as g
    join settings as o on o.setting = 'sensor_gap_minutes'
    join settings as r on r.setting = 'sensor_retired_days'
  where g.seconds > 60 * o.value;
