-- batch_command_rollup: the commands of one batch, by session.
--
-- Reads:   ingest_batches; event_contributions over the batch's key range
-- Needs:   event_contributions
-- Differs: from sqlite in nothing but the spelling.
--
-- A command is high risk where its greatest rule scores 70 or more.
create or replace view batch_command_rollup as
  select
    b.batch_id,
    c.session_id,
    c.command,
    count(*) filter (where c.is_command_input) as inputs,
    count(*) filter (where c.is_command_success) as successes,
    count(*) filter (where c.is_command_failure) as failures,
    min(c.occurred_at) as first_seen,
    max(c.occurred_at) as last_seen,
    greatest(max(c.line_risk), max(c.field_risk)) >= 70 as high_risk
  from
    ingest_batches as b
    join event_contributions as c
      on c.event_id >= b.batch_id * 1048576
      and c.event_id < (b.batch_id + 1) * 1048576
  where c.session_id != '' and c.command is not null
  group by b.batch_id, c.session_id, c.command;
