-- fold_commands: adds the commands of one batch to the statistics of their sessions.
--
-- Takes:   batch_id; undo_only, true to add only the sessions of undo_sessions
-- Gives:   nothing
-- Reads:   batch_command_rollup; undo_sessions
-- Writes:  command_stats, in key order
-- Fails:   never
-- Differs: sqlite has a view with an INSTEAD OF trigger. least and greatest pass over NULL, where sqlite's min and max need coalesce.
--
-- Called by fold_batch alone.
create or replace function fold_commands(
  batch_id bigint,
  undo_only boolean default false
)
returns void
language plpgsql
set search_path from current
as $$
begin
  insert into command_stats (
    session_id, command, inputs, successes, failures, first_seen, last_seen, high_risk
  )
  select
    r.session_id, r.command, r.inputs, r.successes, r.failures, r.first_seen, r.last_seen, r.high_risk
  from batch_command_rollup as r
  where
    r.batch_id = fold_commands.batch_id
    and (not undo_only or r.session_id in (select u.session_id from undo_sessions as u))
  order by r.session_id, r.command
  on conflict (session_id, command_digest) do update
  set
    inputs = command_stats.inputs + excluded.inputs,
    successes = command_stats.successes + excluded.successes,
    failures = command_stats.failures + excluded.failures,
    first_seen = least(command_stats.first_seen, excluded.first_seen),
    last_seen = greatest(command_stats.last_seen, excluded.last_seen),
    high_risk = command_stats.high_risk or excluded.high_risk;
end;
$$;
