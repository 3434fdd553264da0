-- The locks that this session holds on tables, or on indexes, with their table; what it has made itself is nobody's yet.
--
-- Returns: many
-- Not null: oid, lock

select
  coalesce(i.indrelid, l.relation)::bigint as oid,
  upper(
    trim(
      regexp_replace(regexp_replace(l.mode, 'Lock$', ''), '([A-Z])', ' \1', 'g')
    )
  ) as lock
from
  pg_catalog.pg_locks as l
  left join pg_catalog.pg_index as i on i.indexrelid = l.relation
where
  l.pid = pg_backend_pid()
  and l.granted
  and l.locktype = 'relation'
  and l.relation >= 16384
  and (
    i.indexrelid is null
    or i.xmin::text != coalesce(pg_current_xact_id_if_assigned()::xid::text, '')
  )
order by 1, 2;
