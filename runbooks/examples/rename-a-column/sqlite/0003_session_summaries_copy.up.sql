-- 0003_session_summaries_copy
--
-- Why:         Rows from before 0002 get under the new name what they have under the old one.
-- Locks:       The write lock, for one batch of 5,000 rows at a time; others are let in between two.
-- Rewrites:    Every row that has a value, once.
-- Undo:        Nothing is taken back: the new column goes with 0002.
-- Transaction: batches
-- Phase:       backfill
-- While:       select 1 from column_copies where column_name = 'snapshot_ip_type' and last_rowid < end_rowid
-- Then:        migrate verify, which compares the two columns row by row.
--
-- A killed run goes on behind the last batch: its place is committed with the rows.

update session_summaries
set snapshot_ip_type = snapshot_ip_types
where
  snapshot_ip_type is null
  and snapshot_ip_types is not null
  and rowid > (
    select c.last_rowid
    from column_copies as c
    where c.column_name = 'snapshot_ip_type'
  )
  and rowid <= (
    select c.last_rowid + 5000
    from column_copies as c
    where c.column_name = 'snapshot_ip_type'
  );

update column_copies
set last_rowid = last_rowid + 5000
where column_name = 'snapshot_ip_type';
