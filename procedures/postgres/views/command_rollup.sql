-- command_rollup: the commands of each session that has a summary.
--
-- Reads:   session_summaries, whose rows say which sessions; event_contributions
-- Needs:   event_contributions
-- Differs: from sqlite in nothing but the spelling.
--
-- A command is high risk where its greatest rule scores 70 or more.
create or replace view command_rollup as
  select
    k.summary_id,
    k.session_id,
    k.first_event_at + interval '0' as stored_first_at,
    c.command,
    count(*) filter (where c.is_command_input) as inputs,
    count(*) filter (where c.is_command_success) as successes,
    count(*) filter (where c.is_command_failure) as failures,
    min(c.occurred_at) as first_seen,
    max(c.occurred_at) as last_seen,
    greatest(max(c.line_risk), max(c.field_risk)) >= 70 as high_risk
  from
    session_summaries as k
    join event_contributions as c on c.session_id = k.session_id
  where c.command is not null
  group by k.summary_id, k.session_id, k.first_event_at, c.command;
