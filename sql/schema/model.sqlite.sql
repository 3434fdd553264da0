-- A schema as both engines have one: what there is by kind and name; the ledger is left out.
--
-- Checks, generated columns, predicates and what a trigger is for stand in the text alone, which the runner takes apart. A view that
-- something is inserted into is a procedure, its columns are what it takes.
--
-- Returns: many
-- Not null: kind, name, attribute, value

with
  objects as (
    select m.type, m.name, m.tbl_name, m.sql
    from main.sqlite_schema as m
    where
      m.tbl_name != 'schema_ledger'
      and :of_store is not null
      and m.name not like 'sqlite\_%' escape '\'
  ),
  tables as (
    select o.name, o.sql
    from objects as o
    where o.type = 'table'
  ),
  views as (
    select
      o.name,
      (
        select group_concat(c.name, ', ')
        from
          (
            select x.name
            from pragma_table_xinfo(o.name) as x
            order by x.cid
          ) as c
      ) as columns,
      exists (
        select 1
        from objects as g
        where g.type = 'trigger' and g.tbl_name = o.name
      ) as is_procedure
    from objects as o
    where o.type = 'view'
  ),
  references_ as (
    select
      t.name as table_name,
      f.id,
      f."table" as parent,
      lower(f.on_update) as on_update,
      lower(f.on_delete) as on_delete,
      group_concat(f."from", ', ') as columns,
      group_concat(
        coalesce(
          f."to",
          (
            select x.name
            from pragma_table_xinfo(f."table") as x
            where x.pk = f.seq + 1
          )
        ),
        ', '
      ) as parent_columns
    from
      tables as t
      join pragma_foreign_key_list(t.name) as f
    group by 1, 2, 3, 4, 5
  ),
  facts as (
    select 'table' as kind, t.name, 'text' as attribute, t.sql as value
    from tables as t
    union all
    select
      'column',
      t.name || '.' || x.name,
      v.attribute,
      case v.attribute
        when 'type' then lower(x.type)
        when 'null' then case
          when x."notnull"
          or x.pk > 0 then 'not allowed'
          else 'allowed'
        end
        else x.dflt_value
      end
    from
      tables as t
      join pragma_table_xinfo(t.name) as x
      join (
        select 'type' as attribute
        union all
        select 'null'
        union all
        select 'default'
      ) as v
    union all
    select
      'key',
      t.name,
      'columns',
      (
        select group_concat(k.name, ', ')
        from
          (
            select x.name
            from pragma_table_xinfo(t.name) as x
            where x.pk > 0
            order by x.pk
          ) as k
      )
    from tables as t
    union all
    select
      'unique',
      t.name || '(' || (
        select group_concat(k.name, ', ')
        from
          (
            select x.name
            from pragma_index_info(i.name) as x
            order by x.seqno
          ) as k
      ) || ')',
      'there',
      'yes'
    from
      tables as t
      join pragma_index_list(t.name) as i
    where i.origin = 'u'
    union all
    select
      'reference',
      r.table_name || '(' || r.columns || ')',
      v.attribute,
      case v.attribute
        when 'to' then r.parent || '(' || r.parent_columns || ')'
        when 'on update' then r.on_update
        else r.on_delete
      end
    from
      references_ as r
      join (
        select 'to' as attribute
        union all
        select 'on update'
        union all
        select 'on delete'
      ) as v
    union all
    select o.type, o.name, 'text', o.sql
    from objects as o
    where o.type in ('index', 'trigger') and o.sql is not null
    union all
    select
      case
        when w.is_procedure then 'procedure'
        else 'view'
      end,
      w.name,
      case
        when w.is_procedure then 'takes'
        else 'columns'
      end,
      w.columns
    from views as w
  )
select f.kind, f.name, f.attribute, f.value
from facts as f
where f.value is not null
order by f.kind, f.name, f.attribute, f.value;
