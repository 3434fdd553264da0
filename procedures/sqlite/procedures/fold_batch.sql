-- fold_batch: adds the events of one batch to every derived table.
--
-- Takes:  batch_id, inserted as a row; undo_only, 1 to add only the sessions of undo_sessions
-- Calls:  fold_command_scores, fold_sessions, fold_commands, fold_files, fold_snapshots: one statement each; recount_ips
-- Fails:  never
-- Differs: a view with an INSTEAD OF trigger; postgres has a function.
--
-- Every aggregate is commutative and associative, so the order of batches cannot matter. Folding a batch twice would
-- count it twice: only the seal, refold_sessions and a rebuild from empty tables may call this. The scores come first, for sessions and
-- commands read them.
create view fold_batch as
  select cast(null as integer) as batch_id, cast(null as integer) as undo_only
  where false;

create trigger tr_fold_batch_instead_of_insert
instead of insert on fold_batch
begin
  insert into fold_command_scores (batch_id) values (new.batch_id);

  insert into fold_sessions (batch_id, undo_only)
  values (new.batch_id, new.undo_only);

  insert into fold_commands (batch_id, undo_only)
  values (new.batch_id, new.undo_only);

  insert into fold_files (batch_id, undo_only)
  values (new.batch_id, new.undo_only);

  insert into fold_snapshots (batch_id)
  select new.batch_id
  where exists (select 1 from ip_inventory);

  insert into recount_ips (batch_id)
  select new.batch_id
  where exists (select 1 from ip_recounts);
end;
