-- Who holds one of the locks of a store.
--
-- Returns: maybe
-- Not null: pid, application, since

select
  a.pid,
  a.application_name as application,
  to_char(a.backend_start at time zone 'UTC', 'HH24:MI:SS"Z"') as since
from
  pg_locks as l
  join pg_stat_activity as a using (pid)
where
  l.locktype = 'advisory'
  and l.classid = 7266311
  and l.objid = :lock::oid
  and l.granted
  and l.database = (
    select d.oid
    from pg_database as d
    where d.datname = current_database()
  );
