-- Up to which row of another store earlier adoptions have taken its events, and whether a source is to be read again from its
-- start, as after an undo.
--
-- Returns: one
-- Not null: up_to_id, is_anew

select
  coalesce(max(j.cursor), 0) as up_to_id,
  case
    when exists (
      select 1
      from sources as s
      where s.next_offset = 0 and s.inode is null
    ) then 1
    else 0
  end as is_anew
from jobs as j
where
  j.kind = 'backfill_snapshots'
  and j.params ->> 'mode' = 'adopt'
  and j.params ->> 'database' = :database;
