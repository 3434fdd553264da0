-- command_rollup: the commands of each session that has a summary.
--
-- Reads:   session_summaries, whose rows say which sessions; event_contributions
-- Differs: booleans are 0 or 1.
--
-- A command is high risk where its greatest rule scores 70 or more.
create view command_rollup as
  select
    k.rowid as summary_id,
    k.session_id,
    k.first_event_at as stored_first_at,
    c.command,
    count(*) filter (where c.event_type = 'cowrie.command.input') as inputs,
    count(*) filter (
      where c.event_type = 'cowrie.command.success'
    ) as successes,
    count(*) filter (where c.event_type = 'cowrie.command.failed') as failures,
    min(c.occurred_at) as first_seen,
    max(c.occurred_at) as last_seen,
    max(max(c.line_risk), max(c.field_risk)) >= 70 as high_risk
  from
    session_summaries as k
    cross join event_contributions as c on c.session_id = k.session_id
  where
    c.event_type in (
      'cowrie.command.input',
      'cowrie.command.success',
      'cowrie.command.failed'
    )
    and c.command is not null
  group by k.rowid, k.session_id, k.first_event_at, c.command;
