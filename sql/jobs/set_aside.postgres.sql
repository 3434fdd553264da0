-- What a backfill of snapshots can do without while nobody else writes, with the statements that set it aside and bring it back.
--
-- Returns: many
-- Not null: name, aside_text, back_text
--
-- PostgreSQL writes into every index of a row that changes; those of a constraint stay. One trigger guards snapshots that are taken,
-- which a backfill leaves alone; the other counts addresses, which it does not change.

select
  cast(c.relname as text) as name,
  format('drop index %s', cast(c.oid as regclass)) as aside_text,
  pg_get_indexdef(c.oid) as back_text
from
  pg_index as x
  join pg_class as c on c.oid = x.indexrelid
where x.indrelid = cast('session_summaries' as regclass) and not x.indisunique
union all
select
  cast(t.tgname as text) as name,
  format(
    'alter table %s disable trigger %I',
    cast(t.tgrelid as regclass),
    t.tgname
  ) as aside_text,
  format(
    'alter table %s enable trigger %I',
    cast(t.tgrelid as regclass),
    t.tgname
  ) as back_text
from pg_trigger as t
where
  t.tgrelid = cast('session_summaries' as regclass)
  and t.tgenabled = 'O'
  and t.tgname in (
    'tr_session_summaries_before_update',
    'tr_session_summaries_after_update'
  )
order by name;
