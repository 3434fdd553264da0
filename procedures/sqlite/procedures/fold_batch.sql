-- fold_batch: adds the events of one batch to every derived table.
--
-- Takes:  batch_id, inserted as a row
-- Calls:  fold_command_scores, fold_sessions, fold_commands, fold_files: one statement each
-- Fails:  never
-- Differs: a view with an INSTEAD OF trigger; postgres has a function.
--
-- Every aggregate is commutative and associative, so the order of batches cannot matter. Folding a batch twice would
-- count it twice: only the seal and a rebuild from empty tables may call this. The scores come first, for sessions and
-- commands read them.
create view fold_batch as
  select cast(null as integer) as batch_id
  where false;

create trigger tr_fold_batch_instead_of_insert
instead of insert on fold_batch
begin
  insert into fold_command_scores (batch_id) values (new.batch_id);

  insert into fold_sessions (batch_id) values (new.batch_id);

  insert into fold_commands (batch_id) values (new.batch_id);

  insert into fold_files (batch_id) values (new.batch_id);
end;
