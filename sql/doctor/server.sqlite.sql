-- What of the file wants somebody: free pages within, a long write-ahead log, a disk that fills, statistics that are missing.
--
-- Returns: many
-- Not null: subject, level, present, advised, why, command

select
  f.subject,
  f.level,
  f.present,
  f.advised,
  f.why,
  f.command
from
  (
    select
      'bloat of the file' as subject,
      'note' as level,
      printf(
        '%d of %d pages are free',
        l.freelist_count,
        c.page_count
      ) as present,
      'less than a quarter' as advised,
      'backups and copies carry them' as why,
      'vacuum; it needs as much disk again' as command
    from
      pragma_freelist_count as l
      join pragma_page_count as c
    where l.freelist_count > 1000 and l.freelist_count * 4 > c.page_count
    union all
    select
      'write-ahead log',
      'warning',
      printf('%d MB', :wal_bytes / 1048576),
      'less than 1024 MB',
      'readers look through it, and a reader that never ends keeps it',
      'pragma wal_checkpoint(truncate)'
    where :wal_bytes > 1073741824
    union all
    select
      'disk',
      iif(:free_bytes < 1073741824, 'fault', 'warning'),
      printf('%d MB free', :free_bytes / 1048576),
      'a fifth of the store, and 2048 MB at least',
      'a load stops when it is full',
      'cowriedb runbook show disk-full'
    from
      pragma_page_count as c
      join pragma_page_size as s
    where
      :free_bytes >= 0
      and :free_bytes < max(2147483648, c.page_count * s.page_size / 5)
    union all
    select
      'statistics',
      'note',
      printf('none, with %d pages', c.page_count),
      'analyzed',
      'the planner guesses',
      'pragma optimize = 0x10002'
    from pragma_page_count as c
    where
      c.page_count > 25000
      and not exists (
        select 1
        from sqlite_schema as o
        where o.name = 'sqlite_stat1'
      )
  ) as f
order by f.subject;
