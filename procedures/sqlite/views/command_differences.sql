-- command_differences: command statistics that are not what the events add up to; rows with their action and the values they should have.
--
-- Reads:   command_comparisons, command_stats, session_summaries, raw_events
-- Needs:   command_comparisons
-- Differs: from postgres in nothing but the spelling.
--
-- Asked for a range of summary_id it reads those sessions alone. A row without events is looked for at the time that it says
-- first, for there it has one when it is right.
create view command_differences as
  select
    r.summary_id,
    r.session_id,
    r.stored_first_at,
    r.command,
    r.action,
    r.inputs,
    r.successes,
    r.failures,
    r.first_seen,
    r.last_seen,
    r.high_risk
  from command_comparisons as r
  where r.action is not null
  union all
  select
    k.rowid as summary_id,
    k.session_id,
    k.first_event_at as stored_first_at,
    t.command,
    'delete' as action,
    t.inputs,
    t.successes,
    t.failures,
    t.first_seen,
    t.last_seen,
    t.high_risk
  from
    session_summaries as k
    cross join command_stats as t on t.session_id = k.session_id
  where
    not exists (
      select 1
      from raw_events as e
      where
        e.session_id = t.session_id
        and e.occurred_at = t.first_seen
        and e.input = t.command
        and e.event_type in (
          'cowrie.command.input',
          'cowrie.command.success',
          'cowrie.command.failed'
        )
    )
    and not exists (
      select 1
      from raw_events as e
      where
        e.session_id = t.session_id
        and e.input = t.command
        and e.event_type in (
          'cowrie.command.input',
          'cowrie.command.success',
          'cowrie.command.failed'
        )
    );
