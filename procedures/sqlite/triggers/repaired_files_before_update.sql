-- repaired_files_before_update: what a repair replaced cannot be changed.
--
-- Fails:  WR054 always
create trigger tr_repaired_files_before_update
before update on repaired_files
begin
  select raise(abort, 'WR054 the archive of a repair cannot be changed');
end;
