-- repaired_commands_before_delete: what a repair replaced cannot be deleted.
--
-- Fails:  WR055 always
create trigger tr_repaired_commands_before_delete
before delete on repaired_commands
begin
  select raise(abort, 'WR055 the archive of a repair cannot be deleted');
end;
