-- 0004_session_summaries_copy_back: undo
--
-- Why:         Rows get under the old name what they have under the new one; there is nothing to do before 0005.
-- Undo:        Apply the up file again.
-- Transaction: batches
-- While:       select 1 from column_copies where column_name = 'snapshot_ip_types' and last_key < end_key
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
        where c.column_name = 'snapshot_ip_types'
      )
      and s.session_id <= (
        select c.next_key
        from column_copies as c
        where c.column_name = 'snapshot_ip_types'
      )
    order by s.session_id
    for no key update
  ) as locked;

update session_summaries as s
set snapshot_ip_types = s.snapshot_ip_type
where
  s.snapshot_ip_types is null
  and s.snapshot_ip_type is not null
  and s.session_id > (
    select c.last_key
    from column_copies as c
    where c.column_name = 'snapshot_ip_types'
  )
  and s.session_id <= (
    select c.next_key
    from column_copies as c
    where c.column_name = 'snapshot_ip_types'
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
where c.column_name = 'snapshot_ip_types';
