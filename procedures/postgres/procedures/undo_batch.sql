-- undo_batch: removes a batch as if it had never been, where no other batch has seen its events.
--
-- Takes:   batch_id
-- Calls:   open_undo, close_undo
-- Fails:   WR035 others have seen its events, and a shell cannot make the digests of the batches they move to; the codes of open_undo
-- Differs: sqlite has a view with an INSTEAD OF trigger.
create or replace procedure undo_batch(batch_id bigint)
language plpgsql
set search_path from current
as $$
begin
  call open_undo(batch_id);
  call close_undo(batch_id);
end;
$$;
