-- The indexes that a backfill of snapshots slows down, and the statements that drop them and make them again.
--
-- Returns: many
-- Not null: index_name, drop_text, create_text
--
-- SQLite touches the indexes of columns that change, and no others.

select
  s.name as index_name,
  'drop index "' || replace(s.name, '"', '""') || '"' as drop_text,
  s.sql as create_text
from sqlite_schema as s
where
  s.type = 'index'
  and s.tbl_name = 'session_summaries'
  and s.sql is not null
  and exists (
    select 1
    from pragma_index_xinfo(s.name) as x
    where x.name like 'snapshot~_%' escape '~' or x.name like 'enrichment%'
  )
order by s.name;
