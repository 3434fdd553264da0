-- What a PRAGMA of a SQLite store means in PostgreSQL. An empty value stands for all values without a line of their own.
--
-- Returns: many
-- Not null: pragma, value, setting, meaning

select r.pragma, r.value, r.setting, r.meaning
from
  (
    select
      'page_size' as pragma,
      '' as value,
      'block_size' as setting,
      'a page has 8 kB there, and cannot be chosen' as meaning
    union all
    select
      'encoding',
      'UTF-8',
      'server_encoding',
      'UTF8; another encoding is refused'
    union all
    select
      'encoding',
      '',
      'server_encoding',
      'UTF8: texts are converted on their way'
    union all
    select
      'journal_mode',
      '',
      'wal_level',
      'there is always a write-ahead log; wal_level says only what else it is good for'
    union all
    select
      'synchronous',
      '0',
      'synchronous_commit',
      'off there loses the last commits and no more; nothing there is as unsafe as OFF, never set fsync = off'
    union all
    select
      'synchronous',
      '1',
      'synchronous_commit',
      'NORMAL loses the last commits in a crash, as off does there; on loses none'
    union all
    select
      'synchronous',
      '',
      'synchronous_commit',
      'on: a commit that was confirmed is there after a crash'
    union all
    select
      'foreign_keys',
      '',
      'session_replication_role',
      'foreign keys are always checked there; rows that refer to nothing are kept out'
    union all
    select
      'busy_timeout',
      '',
      'lock_timeout',
      'how long to wait for a lock, in ms; there for each row or table, not for the file'
    union all
    select
      'cache_size',
      '',
      'shared_buffers',
      'one cache for the server, not one for each connection; effective_cache_size tells the planner of it'
    union all
    select
      'mmap_size',
      '',
      'huge_pages',
      'the file is not mapped there; the system caches it'
    union all
    select
      'temp_store',
      '',
      'work_mem',
      'memory for one sort or hash; what is more goes to files'
    union all
    select
      'wal_autocheckpoint',
      '',
      'max_wal_size',
      'a checkpoint comes by time (checkpoint_timeout) or by the size of the log'
    union all
    select
      'journal_size_limit',
      '',
      'max_wal_size',
      'the log is used again up to this size'
    union all
    select
      'auto_vacuum',
      '',
      'autovacuum',
      'always on there, and needed: it also keeps statistics and transaction ids; off for a table only while it is loaded'
    union all
    select 'secure_delete', '', '', 'nothing there overwrites what was deleted'
    union all
    select 'trusted_schema', '', 'search_path', 'routines have theirs pinned'
    union all
    select
      'recursive_triggers',
      '',
      'session_replication_role',
      'triggers always recurse there'
    union all
    select 'application_id', '', '', 'the ledger says what the database is'
    union all
    select 'user_version', '', '', 'the ledger says which version it has'
    union all
    select
      'threads',
      '',
      'max_parallel_maintenance_workers',
      'how many processes build an index'
  ) as r
order by r.pragma, r.value desc;
