-- Settings of the server that matter to a store, with what is advised; level is ok where they are so.
--
-- Returns: many
-- Not null: subject, level, present, advised, why, command

with
  rules(subject, is_right, level, advised, why) as (
    values
      (
        'fsync',
        current_setting('fsync') = 'on',
        'fault',
        'on',
        'a crash of the machine can destroy the database'
      ),
      (
        'full_page_writes',
        current_setting('full_page_writes') = 'on',
        'fault',
        'on',
        'a crash of the machine can leave half a page'
      ),
      (
        'synchronous_commit',
        current_setting('synchronous_commit') != 'off',
        'warning',
        'on',
        'a crash loses what was committed last'
      ),
      (
        'autovacuum',
        current_setting('autovacuum') = 'on',
        'warning',
        'on',
        'dead rows stay, and transaction ids run out'
      ),
      (
        'track_counts',
        current_setting('track_counts') = 'on',
        'warning',
        'on',
        'autovacuum does not see what is dead'
      ),
      (
        'session_replication_role',
        current_setting('session_replication_role') = 'origin',
        'fault',
        'origin',
        'no trigger fires: nothing is folded, guarded or audited'
      ),
      (
        'max_wal_size',
        pg_size_bytes(current_setting('max_wal_size')) >= 1073741824,
        'note',
        '1GB or more',
        'a load makes a checkpoint every few seconds'
      ),
      (
        'shared_buffers',
        pg_size_bytes(current_setting('shared_buffers')) >= 134217728,
        'note',
        '128MB or more; a quarter of the memory',
        'indexes are read from the disk again and again'
      ),
      (
        'maintenance_work_mem',
        pg_size_bytes(current_setting('maintenance_work_mem')) >= 67108864,
        'note',
        '64MB or more',
        'indexes are built in many passes'
      ),
      (
        'idle_in_transaction_session_timeout',
        current_setting('idle_in_transaction_session_timeout') != '0',
        'note',
        '10min',
        'a forgotten transaction keeps vacuum from all that is younger'
      ),
      (
        'data_checksums',
        current_setting('data_checksums') = 'on',
        'note',
        'on',
        'a page that a disk has spoilt is read as if it were sound'
      )
  )
select
  r.subject,
  case
    when r.is_right then 'ok'
    else r.level
  end as level,
  current_setting(r.subject) as present,
  r.advised,
  r.why,
  case r.subject
    when 'data_checksums' then 'stop the server, then: pg_checksums --enable'
    else format(
      'alter system set %s = %L',
      r.subject,
      split_part(r.advised, ' ', 1)
    )
  end as command
from rules as r
order by r.subject;
