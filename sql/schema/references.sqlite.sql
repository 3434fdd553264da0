-- The columns of every foreign key, a pair a row.
--
-- A key is known by its number in the table; its name stands in the text alone.
--
-- Returns: many
-- Not null: table_name, name, column_name, parent_table, parent_column, on_update, on_delete

select
  t.name as table_name,
  cast(f.id as text) as name,
  f."from" as column_name,
  f."table" as parent_table,
  coalesce(
    f."to",
    (
      select x.name
      from pragma_table_xinfo(f."table") as x
      where x.pk = f.seq + 1
    ),
    'rowid'
  ) as parent_column,
  lower(f.on_update) as on_update,
  lower(f.on_delete) as on_delete
from
  pragma_table_list as t
  join pragma_foreign_key_list(t.name) as f
where t.schema = 'main' and t.type = 'table'
order by 1, f.id, f.seq;
