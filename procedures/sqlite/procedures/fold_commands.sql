-- fold_commands: adds the commands of one batch to the statistics of their sessions.
--
-- Takes:  batch_id, inserted as a row; undo_only, 1 to add only the sessions of undo_sessions
-- Reads:  batch_command_rollup; undo_sessions
-- Writes: command_stats, in key order
-- Fails:  never
-- Differs: a view with an INSTEAD OF trigger; postgres has a function.
--
-- Called by fold_batch alone.
create view fold_commands as
  select cast(null as integer) as batch_id, cast(null as integer) as undo_only
  where false;

create trigger tr_fold_commands_instead_of_insert
instead of insert on fold_commands
begin
  insert into command_stats
    (
      session_id,
      command,
      inputs,
      successes,
      failures,
      first_seen,
      last_seen,
      high_risk
    )
  select
    r.session_id,
    r.command,
    r.inputs,
    r.successes,
    r.failures,
    r.first_seen,
    r.last_seen,
    r.high_risk
  from batch_command_rollup as r
  where
    r.batch_id = new.batch_id
    and (
      new.undo_only is null
      or r.session_id in (select u.session_id from undo_sessions as u)
    )
  on conflict (session_id, command) do update
    set
      inputs = command_stats.inputs + excluded.inputs,
      successes = command_stats.successes + excluded.successes,
      failures = command_stats.failures + excluded.failures,
      first_seen = min(command_stats.first_seen, excluded.first_seen),
      last_seen = max(command_stats.last_seen, excluded.last_seen),
      high_risk = max(command_stats.high_risk, excluded.high_risk);
end;
