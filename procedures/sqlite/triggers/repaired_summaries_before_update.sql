-- repaired_summaries_before_update: what a repair replaced cannot be changed.
--
-- Fails:  WR054 always
create trigger tr_repaired_summaries_before_update
before update on repaired_summaries
begin
  select raise(abort, 'WR054 the archive of a repair cannot be changed');
end;
