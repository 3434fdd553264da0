-- What is ours of relations: of the schemas `chosen`, and none of the `members` of extensions.
--
-- An owner is told where it is another than that of the store, or of the ledger.
with
  base as (
    select
      case
        when cast(:of_store as integer) = 1 then n.nspowner
        else c.relowner
      end as oid
    from
      pg_catalog.pg_namespace as n
      left join pg_catalog.pg_class as c
        on c.relnamespace = n.oid and c.relname = 'schema_ledger'
    where n.nspname = 'cowrie'
  ),
  own_relations as (
    select
      c.*,
      s.nspname,
      format('%I.%I', s.nspname, c.relname) as full_name,
      case
        when s.nspname = 'cowrie' then quote_ident(c.relname)
        else format('%I.%I', s.nspname, c.relname)
      end as shown,
      case
        when c.relowner = b.oid then ''
        else pg_get_userbyid(c.relowner)::text
      end as owner_name,
      case
        when c.relowner = b.oid then cast(:owner as text)
        else pg_get_userbyid(c.relowner)::text
      end as owner_text
    from
      pg_catalog.pg_class as c
      join chosen as s on s.oid = c.relnamespace
      cross join base as b
    where
      (cast('pg_class'::regclass as oid), c.oid) not in (
        select m.classid, m.objid
        from members as m
      )
  )
select r.oid
from own_relations as r;
