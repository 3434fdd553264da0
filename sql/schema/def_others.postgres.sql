-- What stands beside tables, views and routines: publications, event triggers, operators, casts, collations and the like.
--
-- What belongs to the whole database is nobody's where a store is asked for; which of its tables a publication sends on is its
-- operator's business. Most of it is told and can be dropped, and cannot be
-- written down.
--
-- With: chosen, members, own
-- Returns: many
-- Not null: kind, relation, name, facet, value, in_create, place

with
  others(classid, objid, space) as (
    select 'pg_operator'::regclass::oid, o.oid, o.oprnamespace
    from pg_catalog.pg_operator as o
    union all
    select 'pg_opclass'::regclass, o.oid, o.opcnamespace
    from pg_catalog.pg_opclass as o
    union all
    select 'pg_opfamily'::regclass, o.oid, o.opfnamespace
    from pg_catalog.pg_opfamily as o
    union all
    select 'pg_collation'::regclass, o.oid, o.collnamespace
    from pg_catalog.pg_collation as o
    union all
    select 'pg_conversion'::regclass, o.oid, o.connamespace
    from pg_catalog.pg_conversion as o
    union all
    select 'pg_ts_config'::regclass, o.oid, o.cfgnamespace
    from pg_catalog.pg_ts_config as o
    union all
    select 'pg_ts_dict'::regclass, o.oid, o.dictnamespace
    from pg_catalog.pg_ts_dict as o
    union all
    select 'pg_cast'::regclass, o.oid, 0
    from pg_catalog.pg_cast as o
    union all
    select 'pg_language'::regclass, o.oid, 0
    from pg_catalog.pg_language as o
    union all
    select 'pg_am'::regclass, o.oid, 0
    from pg_catalog.pg_am as o
    union all
    select 'pg_foreign_data_wrapper'::regclass, o.oid, 0
    from pg_catalog.pg_foreign_data_wrapper as o
    union all
    select 'pg_foreign_server'::regclass, o.oid, 0
    from pg_catalog.pg_foreign_server as o
  )
select
  i.type as kind,
  i.identity as relation,
  '' as name,
  '' as facet,
  coalesce(v.text, '') as value,
  cast(null as text) as put,
  format('drop %s %s', replace(i.type, '-', ' '), i.identity) as remove,
  cast(null as text) as part,
  1 as in_create,
  cast(0 as bigint) as place
from
  others as o
  left join chosen as s on s.oid = o.space
  cross join lateral pg_identify_object(o.classid, o.objid, 0) as i
  left join lateral (
    select
      concat_ws(
        ' ',
        s.srvtype,
        s.srvversion,
        array_to_string(s.srvoptions, ', ')
      ) as text
    from pg_catalog.pg_foreign_server as s
    where o.classid = 'pg_foreign_server'::regclass and s.oid = o.objid
    union all
    select
      string_agg(
        format(
          '%s %s %s',
          m.maptokentype,
          m.mapseqno,
          m.mapdict::regdictionary
        ),
        E'\n'
        order by m.maptokentype, m.mapseqno
      )
    from pg_catalog.pg_ts_config_map as m
    where o.classid = 'pg_ts_config'::regclass and m.mapcfg = o.objid
    having count(*) > 0
    union all
    select d.dictinitoption
    from pg_catalog.pg_ts_dict as d
    where o.classid = 'pg_ts_dict'::regclass and d.oid = o.objid
    union all
    select p.oprcode::regprocedure::text
    from pg_catalog.pg_operator as p
    where o.classid = 'pg_operator'::regclass and p.oid = o.objid
  ) as v
    on true
where
  o.objid >= 16384
  and (s.oid is not null or (o.space = 0 and cast(:of_store as integer) = 0))
  and (o.classid, o.objid) not in (
    select m.classid, m.objid
    from members as m
  )
union all
select
  'event trigger',
  quote_ident(e.evtname),
  '',
  f.facet,
  f.value,
  f.put,
  f.remove,
  null,
  f.in_create,
  e.oid::bigint
from
  pg_catalog.pg_event_trigger as e
  cross join lateral (
    select
      format(
        'on %s%s execute function %s()',
        e.evtevent,
        (
          select
            format(' when tag in (%s)', string_agg(quote_literal(t.tag), ', '))
          from unnest(e.evttags) as t (tag)
        ),
        e.evtfoid::regproc
      ) as text
  ) as v
  cross join lateral (
    values
      (
        '',
        v.text,
        format('create event trigger %I %s', e.evtname, v.text),
        format('drop event trigger %I', e.evtname),
        1
      ),
      (
        'state',
        case e.evtenabled
          when 'O' then ''
          when 'D' then 'disabled'
          when 'R' then 'enabled on a replica'
          else 'enabled always'
        end,
        format(
          'alter event trigger %I %s',
          e.evtname,
          case e.evtenabled
            when 'O' then 'enable'
            when 'D' then 'disable'
            when 'R' then 'enable replica'
            else 'enable always'
          end
        ),
        null,
        0
      )
  ) as f (facet, value, put, remove, in_create)
where
  cast(:of_store as integer) = 0
  and (cast('pg_event_trigger'::regclass as oid), e.oid) not in (
    select m.classid, m.objid
    from members as m
  )
union all
select
  'publication',
  quote_ident(p.pubname),
  '',
  f.facet,
  f.value,
  f.put,
  f.remove,
  null,
  1,
  0
from
  pg_catalog.pg_publication as p
  cross join lateral (
    select
      case
        when p.puballtables then ' for all tables'
        else coalesce(
          (
            select
              ' for tables in schema ' || string_agg(
                n.pnnspid::regnamespace::text,
                ', '
                order by n.pnnspid::regnamespace::text
              )
            from pg_catalog.pg_publication_namespace as n
            where n.pnpubid = p.oid
          ),
          ''
        )
      end as tables,
      concat_ws(
        ', ',
        case
          when p.pubinsert then 'insert'
        end,
        case
          when p.pubupdate then 'update'
        end,
        case
          when p.pubdelete then 'delete'
        end,
        case
          when p.pubtruncate then 'truncate'
        end
      ) as operations
  ) as v
  cross join lateral (
    values
      (
        '',
        ltrim(v.tables),
        format(
          'create publication %I%s with (publish = %L)',
          p.pubname,
          v.tables,
          v.operations
        ),
        format('drop publication %I', p.pubname)
      ),
      (
        'operations',
        v.operations,
        format(
          'alter publication %I set (publish = %L)',
          p.pubname,
          v.operations
        ),
        null
      )
  ) as f (facet, value, put, remove)
where cast(:of_store as integer) = 0
union all
select
  'publication',
  c.shown,
  quote_ident(p.pubname),
  '',
  v.text,
  format('alter publication %I add table %s%s', p.pubname, c.full_name, v.text),
  format('alter publication %I drop table %s', p.pubname, c.full_name),
  null,
  1,
  1
from
  pg_catalog.pg_publication_rel as r
  join pg_catalog.pg_publication as p on p.oid = r.prpubid
  join own_relations as c on c.oid = r.prrelid
  cross join lateral (
    select
      concat(
        (
          select
            format(
              ' (%s)',
              string_agg(quote_ident(a.attname), ', ' order by a.attnum)
            )
          from pg_catalog.pg_attribute as a
          where
            a.attrelid = r.prrelid
            and a.attnum = any (r.prattrs::smallint[])
          having count(*) > 0
        ),
        ' where (' || pg_get_expr(r.prqual, r.prrelid) || ')'
      ) as text
  ) as v
where cast(:of_store as integer) = 0
union all
select
  'default privilege',
  'every schema',
  format(
    '%s on %s made by %s for %s',
    lower(v.privilege_type),
    v.things,
    pg_get_userbyid(v.defaclrole),
    v.grantee_name
  ),
  '',
  v.value,
  format(
    case
      when v.is_granted then 'alter default privileges for role %I grant %s on %s to %s'
      else 'alter default privileges for role %I revoke %s on %s from %s'
    end,
    pg_get_userbyid(v.defaclrole),
    lower(v.privilege_type),
    v.things,
    v.grantee_text
  ),
  format(
    case
      when v.is_granted then 'alter default privileges for role %I revoke %s on %s from %s'
      else 'alter default privileges for role %I grant %s on %s to %s'
    end,
    pg_get_userbyid(v.defaclrole),
    lower(v.privilege_type),
    v.things,
    v.grantee_text
  ),
  null,
  0,
  1
from
  (
    select
      d.defaclrole,
      a.privilege_type,
      a.is_granted,
      case
        when a.is_granted then ''
        else 'taken away'
      end as value,
      case d.defaclobjtype
        when 'r' then 'tables'
        when 'S' then 'sequences'
        when 'f' then 'functions'
        when 'T' then 'types'
        else 'schemas'
      end as things,
      case
        when a.grantee = 0 then 'public'
        else pg_get_userbyid(a.grantee)::text
      end as grantee_name,
      case
        when a.grantee = 0 then 'public'
        else quote_ident(pg_get_userbyid(a.grantee))
      end as grantee_text
    from
      pg_catalog.pg_default_acl as d
      cross join lateral (
        select
          acldefault(
            replace(d.defaclobjtype::text, 'S', 's')::"char",
            d.defaclrole
          ) as acl
      ) as n
      cross join lateral (
        select g.grantee, g.privilege_type, true as is_granted
        from aclexplode(d.defaclacl) as g
        where
          (g.grantee, g.privilege_type) not in (
            select h.grantee, h.privilege_type
            from aclexplode(n.acl) as h
          )
        union all
        select h.grantee, h.privilege_type, false
        from aclexplode(n.acl) as h
        where
          (h.grantee, h.privilege_type) not in (
            select g.grantee, g.privilege_type
            from aclexplode(d.defaclacl) as g
          )
      ) as a
    where d.defaclnamespace = 0
  ) as v
where cast(:of_store as integer) = 0
order by 2, 3;
