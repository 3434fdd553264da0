-- data_quality: one line for each view on the quality of the data: how much it finds, and whether somebody must act.
--
-- Reads:   check_events_without_summary, check_summaries_without_events, snapshot_coverage, sensor_gaps, sessions_without_close, sessions_on_two_sensors, clock_jumps, top_rejects
-- Needs:   check_events_without_summary, check_summaries_without_events, snapshot_coverage, sensor_gaps, sessions_without_close, sessions_on_two_sensors, clock_jumps, top_rejects
-- Differs: booleans are BOOLEAN.
--
-- measure is the name of the view that has the rows. An alert can go away again; what past logs have for good is counted and
-- alerts nobody. All views are read: the dear ones walk the sessions, and one the events by an index.
create or replace view data_quality as
  select
    'check_events_without_summary' as measure,
    count(*) as findings,
    count(*) > 0 as is_alert,
    'sessions that events name and that have no summary' as meaning
  from check_events_without_summary as q
  union all
  select
    'check_summaries_without_events' as measure,
    count(*) as findings,
    count(*) > 0 as is_alert,
    'summaries of sessions that no event names' as meaning
  from check_summaries_without_events as q
  union all
  select
    'snapshot_coverage' as measure,
    cast(coalesce(sum(q.expected - q.filled), 0) as bigint) as findings,
    coalesce(max(cast(q.is_alert as integer)), 0) = 1 as is_alert,
    'sessions that could have a snapshot and have none; an alert where the share of the others is below snapshot_coverage_percent' as meaning
  from snapshot_coverage as q
  where q.day is null
  union all
  select
    'sensor_gaps' as measure,
    count(*) as findings,
    count(
      case
        when q.is_open
        and not q.is_retired then 1
      end
    ) > 0 as is_alert,
    'stretches in which a sensor has no event; an alert where one is silent now and not retired' as meaning
  from sensor_gaps as q
  union all
  select
    'sessions_without_close' as measure,
    count(*) as findings,
    false as is_alert,
    'sessions that are quiet for long and have no end' as meaning
  from sessions_without_close as q
  where not q.is_running
  union all
  select
    'sessions_on_two_sensors' as measure,
    count(*) as findings,
    false as is_alert,
    'sessions whose events name two sensors or two addresses' as meaning
  from sessions_on_two_sensors as q
  union all
  select
    'clock_jumps' as measure,
    count(*) as findings,
    false as is_alert,
    'places where the times of a log jump' as meaning
  from clock_jumps as q
  union all
  select
    'top_rejects' as measure,
    cast(coalesce(sum(q.letters), 0) as bigint) as findings,
    false as is_alert,
    'dead letters that are open' as meaning
  from top_rejects as q;
