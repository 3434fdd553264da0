-- What is kept with the file and matters to a store, with what is advised; level is ok where it is so.
--
-- Returns: many
-- Not null: subject, level, present, advised, why, command

select
  s.subject,
  iif(s.is_right, 'ok', s.level) as level,
  cast(s.present as text) as present,
  s.advised,
  s.why,
  s.command
from
  (
    select
      'journal_mode' as subject,
      j.journal_mode = 'wal' as is_right,
      'warning' as level,
      j.journal_mode as present,
      'wal' as advised,
      'readers wait while a batch is written' as why,
      'pragma journal_mode = wal' as command
    from pragma_journal_mode as j
    union all
    select
      'page_size',
      p.page_size >= 4096,
      'note',
      p.page_size,
      '4096',
      'every row costs more pages',
      'pragma journal_mode = delete; pragma page_size = 4096; vacuum'
    from pragma_page_size as p
    union all
    select
      'encoding',
      e.encoding = 'UTF-8',
      'fault',
      e.encoding,
      'UTF-8',
      'texts are compared in another order than in PostgreSQL',
      'cowriedb init in a new file, then load the logs again'
    from pragma_encoding as e
  ) as s
order by s.subject;
