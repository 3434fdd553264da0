-- repairs_before_insert: no row of the archive takes the place of another.
--
-- Reads:   repairs
-- Fails:   WR055 there is one with this key
-- Differs: sqlite alone, where INSERT OR REPLACE deletes without a trigger.
create trigger tr_repairs_before_insert
before insert on repairs
begin
  select raise(abort, 'WR055 the archive of a repair cannot be replaced')
  where
    exists (
      select 1
      from repairs as r
      where
        r.repair_id = new.repair_id
        or (r.run_id = new.run_id and r.session_id = new.session_id)
    );
end;
