-- What a backfill of snapshots can do without while nobody else writes, with the statements that set it aside and bring it back.
--
-- Returns: many
-- Not null: name, aside_text, back_text
--
-- SQLite touches the indexes of columns that change, and no others. The trigger guards snapshots that are taken; a backfill
-- leaves those alone.

select
  s.name,
  'drop ' || s.type || ' "' || replace(s.name, '"', '""') || '"' as aside_text,
  s.sql as back_text
from sqlite_schema as s
where
  s.tbl_name = 'session_summaries'
  and s.sql is not null
  and (
    s.name = 'tr_session_summaries_before_update'
    or s.type = 'index'
    and exists (
      select 1
      from pragma_index_xinfo(s.name) as x
      where x.name like 'snapshot~_%' escape '~' or x.name like 'enrichment%'
    )
  )
order by s.name;
