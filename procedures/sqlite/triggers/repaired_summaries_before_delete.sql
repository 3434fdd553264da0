-- repaired_summaries_before_delete: what a repair replaced cannot be deleted.
--
-- Fails:  WR055 always
create trigger tr_repaired_summaries_before_delete
before delete on repaired_summaries
begin
  select raise(abort, 'WR055 the archive of a repair cannot be deleted');
end;
