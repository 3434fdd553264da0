-- fold_batch: adds the events of one batch to every derived table.
--
-- Takes:   batch_id; undo_only, true to add only the sessions of undo_sessions
-- Gives:   nothing
-- Calls:   fold_command_scores, fold_sessions, fold_commands, fold_files, fold_snapshots: one statement each
-- Fails:   never
-- Differs: sqlite has a view with an INSTEAD OF trigger.
--
-- Every aggregate is commutative and associative, so the order of batches cannot matter. Folding a batch twice would
-- count it twice: only the seal, refold_sessions and a rebuild from empty tables may call this. The scores come first, for sessions and
-- commands read them.
--
-- Measured on 20,000 events, PostgreSQL 15: batch_session_rollup took 139 ms with JIT and 61 to 70 ms without. With
-- work_mem of 4 MB its sort wrote 3.5 MB to disk; 64 MB keeps it in memory, but the time gained was lost in the noise.
create or replace function fold_batch(
  batch_id bigint,
  undo_only boolean default false
)
returns void
language plpgsql
set jit = off
set work_mem = '64MB'
set search_path from current
as $$
begin
  perform fold_command_scores(batch_id);
  perform fold_sessions(batch_id, undo_only);
  perform fold_commands(batch_id, undo_only);
  perform fold_files(batch_id, undo_only);
  if exists (select from ip_inventory) then
    perform fold_snapshots(batch_id);
  end if;
end;
$$;
