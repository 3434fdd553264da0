-- Undone batches whose undo the audit log does not bear out: the mark as it was noted, and how many of their events were
-- noted as deleted or moved.
--
-- Returns: many
-- Not null: noted
--
-- An undo notes the mark of a batch, and each of its events under the number that it had.

select
  b.batch_id,
  b.undone_at,
  b.events_accepted,
  (
    select max(a.after ->> 'undone_at')
    from audit_log as a
    where
      a.table_name = 'ingest_batches'
      and a.row_key = cast(b.batch_id as text)
      and a.action = 'update'
  ) as noted_at,
  coalesce(n.noted, 0) as noted
from
  ingest_batches as b
  left join (
    select
      cast(a.row_key as bigint) / 1048576 as batch_id,
      count(distinct a.row_key) as noted
    from audit_log as a
    where
      a.table_name = 'raw_events'
      and a.action in ('delete', 'update')
      and length(a.row_key) <= 18
    group by cast(a.row_key as bigint) / 1048576
  ) as n
    on n.batch_id = b.batch_id
where b.undone_at is not null
order by b.batch_id;
