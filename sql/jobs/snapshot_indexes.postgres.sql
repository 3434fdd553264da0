-- The indexes that a backfill of snapshots slows down, and the statements that drop them and make them again.
--
-- Returns: many
-- Not null: index_name, drop_text, create_text
--
-- PostgreSQL writes into every index of a row that changes; those of a constraint stay.

select
  cast(c.relname as text) as index_name,
  format('drop index %s', cast(c.oid as regclass)) as drop_text,
  pg_get_indexdef(c.oid) as create_text
from
  pg_index as x
  join pg_class as c on c.oid = x.indexrelid
where x.indrelid = cast('session_summaries' as regclass) and not x.indisunique
order by c.relname;
