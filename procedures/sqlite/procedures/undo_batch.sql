-- undo_batch: removes a batch as if it had never been, where no other batch has seen its events.
--
-- Takes:  batch_id, inserted as a row
-- Calls:  open_undo, close_undo
-- Fails:  WR035 others have seen its events, and a shell cannot make the digests of the batches they move to; the codes of open_undo
-- Differs: a view with an INSTEAD OF trigger; postgres has a function.
create view undo_batch as
  select cast(null as integer) as batch_id
  where false;

create trigger tr_undo_batch_instead_of_insert
instead of insert on undo_batch
begin
  insert into open_undo (batch_id) values (new.batch_id);

  insert into close_undo (batch_id) values (new.batch_id);
end;
