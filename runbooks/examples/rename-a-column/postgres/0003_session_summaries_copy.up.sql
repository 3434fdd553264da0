-- 0003_session_summaries_copy
--
-- Why:         Rows from before 0002 get under the new name what they have under the old one.
-- Locks:       Of 5,000 rows at a time, in the order of the key; readers wait for nobody.
-- Rewrites:    Every row that has a value, once; VACUUM gives the old versions back.
-- Undo:        Nothing is taken back: the new column goes with 0002.
-- Transaction: batches
-- While:       select 1 from column_copies where column_name = 'snapshot_ip_type' and last_key < end_key
-- Differs:     batches walk the key; sqlite has the rowid.
-- Then:        migrate verify, which compares the two columns row by row.
--
-- A killed run goes on behind the last batch: its place is committed with the rows.

with
  page as (
    select s.session_id
    from
      session_summaries as s
      cross join column_copies as c
    where
      c.column_name = 'snapshot_ip_type'
      and s.session_id > c.last_key
      and s.session_id <= c.end_key
    order by s.session_id
    limit 5000
    for no key update of s
  ),
  copied as (
    update session_summaries as s
    set snapshot_ip_type = s.snapshot_ip_types
    from page as p
    where
      s.session_id = p.session_id
      and s.snapshot_ip_type is null
      and s.snapshot_ip_types is not null
  )
update column_copies as c
set last_key = coalesce(
  (
    select max(p.session_id)
    from page as p
  ),
  c.end_key
)
where c.column_name = 'snapshot_ip_type';
