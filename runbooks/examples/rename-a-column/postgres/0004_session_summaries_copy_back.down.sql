-- 0004_session_summaries_copy_back: undo
--
-- Why:         Rows get under the old name what they have under the new one; there is nothing to do before 0005.
-- Undo:        Apply the up file again.
-- Transaction: batches
-- While:       select 1 from column_copies where column_name = 'snapshot_ip_types' and last_key < end_key

with
  page as (
    select s.session_id
    from
      session_summaries as s
      cross join column_copies as c
    where
      c.column_name = 'snapshot_ip_types'
      and s.session_id > c.last_key
      and s.session_id <= c.end_key
    order by s.session_id
    limit 5000
    for no key update of s
  ),
  copied as (
    update session_summaries as s
    set snapshot_ip_types = s.snapshot_ip_type
    from page as p
    where
      s.session_id = p.session_id
      and s.snapshot_ip_types is null
      and s.snapshot_ip_type is not null
  )
update column_copies as c
set last_key = coalesce(
  (
    select max(p.session_id)
    from page as p
  ),
  c.end_key
)
where c.column_name = 'snapshot_ip_types';
