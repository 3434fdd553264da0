-- repaired_summaries_before_insert: no row of the archive takes the place of another.
--
-- Reads:   repaired_summaries
-- Fails:   WR055 there is one with this key
-- Differs: sqlite alone, where INSERT OR REPLACE deletes without a trigger.
create trigger tr_repaired_summaries_before_insert
before insert on repaired_summaries
begin
  select raise(abort, 'WR055 the archive of a repair cannot be replaced')
  where
    exists (
      select 1 from repaired_summaries as r where r.repair_id = new.repair_id
    );
end;
