-- 0004_session_summaries_copy_back: undo
--
-- Why:         Rows get under the old name what they have under the new one; there is nothing to do before 0005.
-- Undo:        Apply the up file again.
-- Transaction: batches
-- While:       select 1 from column_copies where column_name = 'snapshot_ip_types' and last_rowid < end_rowid

update session_summaries
set snapshot_ip_types = snapshot_ip_type
where
  snapshot_ip_types is null
  and snapshot_ip_type is not null
  and rowid > (
    select c.last_rowid
    from column_copies as c
    where c.column_name = 'snapshot_ip_types'
  )
  and rowid <= (
    select c.last_rowid + 5000
    from column_copies as c
    where c.column_name = 'snapshot_ip_types'
  );

update column_copies
set last_rowid = last_rowid + 5000
where column_name = 'snapshot_ip_types';
