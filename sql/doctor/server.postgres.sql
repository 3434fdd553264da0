-- What of the server wants somebody: rows that are dead, sessions that hold up others, replicas that lag, ids that run out.
--
-- Returns: many
-- Not null: subject, level, present, advised, why, command

select
  'bloat of ' || t.relname as subject,
  'warning' as level,
  format(
    '%s of %s rows are dead',
    t.n_dead_tup,
    t.n_dead_tup + t.n_live_tup
  ) as present,
  'less than a fifth' as advised,
  'every scan reads them too' as why,
  format('vacuum (analyze) %I.%I', t.schemaname, t.relname) as command
from pg_catalog.pg_stat_all_tables as t
where
  t.schemaname = 'cowrie'
  and t.n_dead_tup > 10000
  and t.n_dead_tup * 4 > t.n_live_tup
union all
select
  'statistics of ' || t.relname,
  'note',
  format('none, with %s rows', t.n_live_tup),
  'analyzed',
  'the planner guesses',
  format('analyze %I.%I', t.schemaname, t.relname)
from
  pg_catalog.pg_stat_all_tables as t
  join pg_catalog.pg_class as c on c.oid = t.relid
where t.schemaname = 'cowrie' and t.n_live_tup > 10000 and c.reltuples < 0
union all
select
  'transaction of pid ' || a.pid,
  case
    when a.state like 'idle in transaction%' then 'warning'
    else 'note'
  end,
  format(
    '%s for %s s (%s, %s)',
    a.state,
    extract(epoch from clock_timestamp() - a.xact_start)::bigint,
    coalesce(a.usename::text, ''),
    a.application_name
  ),
  'minutes',
  'vacuum takes away nothing that is younger, and its locks stay',
  format('select pg_terminate_backend(%s)', a.pid)
from pg_catalog.pg_stat_activity as a
where
  a.datname = current_database()
  and a.pid != pg_backend_pid()
  and a.xact_start < clock_timestamp() - case
    when a.state like 'idle in transaction%' then interval '5 minutes'
    else interval '1 hour'
  end
union all
select
  'session of pid ' || a.pid,
  'warning',
  format(
    'waits for %s for %s s',
    array_to_string(pg_blocking_pids(a.pid), ', '),
    extract(epoch from clock_timestamp() - a.query_start)::bigint
  ),
  'seconds',
  'somebody holds a lock that it wants',
  format('select pg_terminate_backend(%s)', (pg_blocking_pids(a.pid))[1])
from pg_catalog.pg_stat_activity as a
where
  a.datname = current_database()
  and a.wait_event_type = 'Lock'
  and a.query_start < clock_timestamp() - interval '10 seconds'
  and cardinality(pg_blocking_pids(a.pid)) > 0
union all
select
  'prepared transaction ' || p.gid,
  'warning',
  format('since %s', p.prepared),
  'none',
  'it holds its locks, and vacuum up, until somebody ends it',
  format('rollback prepared %L', p.gid)
from pg_catalog.pg_prepared_xacts as p
where
  p.database = current_database()
  and p.prepared < clock_timestamp() - interval '5 minutes'
union all
select
  'replication slot ' || s.slot_name,
  case
    when s.active then 'note'
    else 'warning'
  end,
  format(
    '%s, %s of write-ahead log kept',
    case
      when s.active then 'active'
      else 'nobody reads it'
    end,
    pg_size_pretty(k.bytes)
  ),
  'read, less than 1 GB',
  'the log is kept until the disk is full',
  format('select pg_drop_replication_slot(%L)', s.slot_name)
from
  pg_catalog.pg_replication_slots as s
  cross join lateral (
    select
      coalesce(
        pg_wal_lsn_diff(
          case
            when pg_is_in_recovery() then pg_last_wal_replay_lsn()
            else pg_current_wal_lsn()
          end,
          s.restart_lsn
        ),
        0
      ) as bytes
  ) as k
where not s.active or k.bytes > 1073741824
union all
select
  'replica ' || coalesce(r.application_name, ''),
  'warning',
  format('%s s behind', extract(epoch from r.replay_lag)::bigint),
  'less than a minute',
  'what is read there is old, and a failover loses it',
  'look at its log and its network'
from pg_catalog.pg_stat_replication as r
where r.replay_lag > interval '1 minute'
union all
select
  'transaction ids',
  case
    when age(d.datfrozenxid) > 1500000000 then 'fault'
    else 'warning'
  end,
  format('%s used since the last freeze', age(d.datfrozenxid)),
  'less than 1,000,000,000',
  'at 2,000,000,000 the server takes no more writes',
  'vacuum (freeze)'
from pg_catalog.pg_database as d
where d.datname = current_database() and age(d.datfrozenxid) > 1000000000
union all
select
  'connections',
  'warning',
  format('%s of %s', count(*), current_setting('max_connections')),
  'less than nine tenths',
  'the next one is refused',
  'select pid, application_name, state from pg_stat_activity'
from pg_catalog.pg_stat_activity as a
where
  a.backend_type = 'client backend'
  and cast(:free_bytes as bigint) is not null
  and cast(:wal_bytes as bigint) is not null
having count(*) * 10 > current_setting('max_connections')::bigint * 9
union all
select
  'extension ' || e.name,
  'note',
  coalesce(e.installed_version, ''),
  coalesce(e.default_version, ''),
  'the server has a newer one',
  format('alter extension %I update', e.name)
from pg_catalog.pg_available_extensions as e
where e.installed_version != e.default_version
order by 1;
