-- What every object of the database is, one attribute a row; the ledger and SQLite's own objects are left out.
--
-- What stands in the text alone, as checks and collations, the runner reads there. Objects of the connection's temporary
-- schema are there as `temp.name`.
--
-- Returns: many
-- Not null: kind, name, attribute, value

with
  objects as (
    select
      'main' as space,
      m.name as full_name,
      m.type,
      m.name,
      m.tbl_name,
      m.sql
    from main.sqlite_schema as m
    union all
    select
      'temp',
      'temp.' || m.name,
      m.type,
      m.name,
      m.tbl_name,
      m.sql
    from temp.sqlite_schema as m
  ),
  known as (
    select o.*
    from objects as o
    where
      o.tbl_name != 'schema_ledger'
      and o.name not like 'sqlite\_%' escape '\'
      and o.sql is not null
  ),
  facts as (
    select
      k.type as kind,
      case k.type
        when 'trigger' then k.tbl_name || '.' || k.name
        else k.full_name
      end as name,
      'text' as attribute,
      k.sql as value
    from known as k
    union all
    select
      'column',
      k.full_name || '.' || x.name,
      v.attribute,
      case v.attribute
        when 'position' then cast(x.cid + 1 as text)
        when 'type' then lower(x.type)
        when 'null' then case
          when x."notnull" then 'not allowed'
          else 'allowed'
        end
        when 'default' then x.dflt_value
        when 'key' then nullif(cast(x.pk as text), '0')
        when 'hidden' then case x.hidden
          when 1 then 'hidden'
          when 2 then 'virtual'
          when 3 then 'stored'
        end
      end
    from
      known as k
      join pragma_table_xinfo(k.name, k.space) as x
      join (
        select 'position' as attribute
        union all
        select 'type'
        union all
        select 'null'
        union all
        select 'default'
        union all
        select 'key'
        union all
        select 'hidden'
      ) as v
    where k.type in ('table', 'view')
    union all
    select 'pragma', 'user_version', 'value', cast(u.user_version as text)
    from pragma_user_version as u
    union all
    select 'pragma', 'application_id', 'value', cast(a.application_id as text)
    from pragma_application_id as a
  )
select f.kind, f.name, f.attribute, f.value
from facts as f
where f.value is not null
order by f.kind, f.name, f.attribute, f.value;
