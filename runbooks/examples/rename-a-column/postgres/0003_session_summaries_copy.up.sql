-- 0003_session_summaries_copy
--
-- Why:         Rows from before 0002 get under the new name what they have under the old one.
-- Locks:       Of 5,000 rows at a time, in the order of the key; readers wait for nobody.
-- Rewrites:    Every row that has a value, once; VACUUM gives the old versions back.
-- Undo:        Nothing is taken back: the new column goes with 0002.
-- Transaction: batches
-- Phase:       backfill
-- While:       select 1 from column_copies where column_name = 'snapshot_ip_type' and last_key < end_key
-- Differs:     batches walk the key; sqlite has the rowid.
-- Then:        migrate verify, which compares the two columns row by row.
--
-- A killed run goes on behind the last batch: its place is committed with the rows.
--
-- A batch is a range of the key whose bounds are read first: with a join in their place, or one statement that looks for the rows
-- and copies them, a batch may read the whole table, above all one that ANALYZE has not seen.

-- The rows of this batch, in the order of the key: two programs that lock many rows never wait for each other in a circle.
select count(*)
from
  (
    select s.session_id
    from session_summaries as s
    where
      s.session_id > (
        select c.last_key
        from column_copies as c
        where c.column_name = 'snapshot_ip_type'
      )
      and s.session_id <= (
        select c.next_key
        from column_copies as c
        where c.column_name = 'snapshot_ip_type'
      )
    order by s.session_id
    for no key update
  ) as locked;

update session_summaries as s
set snapshot_ip_type = s.snapshot_ip_types
where
  s.snapshot_ip_type is null
  and s.snapshot_ip_types is not null
  and s.session_id > (
    select c.last_key
    from column_copies as c
    where c.column_name = 'snapshot_ip_type'
  )
  and s.session_id <= (
    select c.next_key
    from column_copies as c
    where c.column_name = 'snapshot_ip_type'
  );

update column_copies as c
set
  last_key = c.next_key,
  next_key = least(
    c.end_key,
    coalesce(
      (
        select max(p.session_id)
        from
          (
            select s.session_id
            from session_summaries as s
            where s.session_id > c.next_key
            order by s.session_id
            limit 5000
          ) as p
      ),
      c.end_key
    )
  )
where c.column_name = 'snapshot_ip_type';
