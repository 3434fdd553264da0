-- Every column of every table that holds rows, with what a row needs there; the ledger is left out, and so are the hidden columns of
-- a virtual table, which hold nothing.
--
-- Returns: many
-- Not null: table_name, name, type, may_be_null, has_default, is_generated, key_position

select
  t.name as table_name,
  x.name,
  lower(x.type) as type,
  x."notnull" = 0 and not (x.pk > 0 and t.wr) as may_be_null,
  x.dflt_value is not null
  or (x.pk = 1 and lower(x.type) = 'integer') as has_default,
  x.hidden != 0 as is_generated,
  x.pk as key_position,
  cast(null as text) as labels
from
  pragma_table_list as t
  join pragma_table_xinfo(t.name) as x
where
  t.schema = 'main'
  and t.type in ('table', 'virtual')
  and t.name != 'schema_ledger'
  and x.hidden != 1
  and t.name not like 'sqlite\_%' escape '\'
order by 1, 2;
