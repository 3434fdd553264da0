-- repairs_before_update: of a repair that is done only undone_at can be set, once.
--
-- Fails:  WR054 otherwise
create trigger tr_repairs_before_update
before update on repairs
when
  not (
    (new.repair_id, new.run_id, new.session_id, new.cause, new.actor) is (
      old.repair_id,
      old.run_id,
      old.session_id,
      old.cause,
      old.actor
    )
    and (
      (old.repaired_at is null and new.undone_at is null)
      or (
        (new.after_line, new.after_updated_at, new.repaired_at) is (
          old.after_line,
          old.after_updated_at,
          old.repaired_at
        )
        and old.repaired_at is not null
        and old.undone_at is null
        and new.undone_at is not null
      )
    )
  )
begin
  select raise(abort, 'WR054 a repair cannot be changed');
end;
