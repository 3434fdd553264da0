-- What every object of the database is, one attribute a row, in the words of the server; the ledger and the catalogs are left out.
--
-- Objects of the session's temporary schema are there as `pg_temp.name`. Privileges are told one by one, whether they were
-- granted or are everybody's from the start. Positions count the columns that are there.
--
-- With: spaces, relation_facts
-- Returns: many
-- Not null: kind, name, attribute, value

with
  privileges as (
    select
      o.kind,
      o.name,
      string_agg(
        case
          when x.grantee = 0 then 'public'
          else x.grantee::regrole::text
        end || ' ' || lower(x.privilege_type) || case
          when x.is_grantable then ' with grant option'
          else ''
        end,
        ', '
        order by
          case
            when x.grantee = 0 then ''
            else x.grantee::regrole::text
          end collate "C",
          x.privilege_type collate "C"
      ) as told
    from
      (
        select
          'schema' as kind,
          s.space as name,
          coalesce(s.nspacl, acldefault('n', s.nspowner)) as acl
        from spaces as s
        union all
        select
          r.kind,
          r.full_name,
          coalesce(
            r.relacl,
            acldefault(
              case r.relkind
                when 'S' then 's'::"char"
                else 'r'::"char"
              end,
              r.relowner
            )
          )
        from relations as r
        where r.relkind not in ('c', 'i', 'I')
        union all
        select
          'routine',
          p.full_name,
          coalesce(p.proacl, acldefault('f', p.proowner))
        from routines as p
        union all
        select 'column', r.full_name || '.' || a.attname, a.attacl
        from
          relations as r
          join pg_catalog.pg_attribute as a on a.attrelid = r.oid
        where a.attacl is not null and not a.attisdropped
      ) as o
      cross join lateral aclexplode(o.acl) as x
    group by o.kind, o.name
  ),
  facts as (
    select 'schema' as kind, s.space as name, v.attribute, v.value
    from
      spaces as s
      cross join lateral (
        values
          ('owner', s.nspowner::regrole::text)
      ) as v (attribute, value)
    union all
    select p.kind, p.name, 'privileges', p.told
    from privileges as p
    union all
    select r.kind, r.name, r.attribute, r.value
    from relation_facts as r
    union all
    select 'routine', p.full_name, v.attribute, v.value
    from
      routines as p
      cross join lateral (
        values
          ('owner', p.proowner::regrole::text),
          (
            'definition',
            case
              when p.prokind != 'a' then pg_get_functiondef(p.oid)
              else format_type(p.prorettype, null)
            end
          )
      ) as v (attribute, value)
    union all
    select 'type', s.space || '.' || y.typname, v.attribute, v.value
    from
      pg_catalog.pg_type as y
      join spaces as s on s.oid = y.typnamespace
      cross join lateral (
        values
          ('owner', y.typowner::regrole::text),
          (
            'base',
            case
              when y.typtype = 'd' then format_type(y.typbasetype, y.typtypmod)
            end
          ),
          (
            'null',
            case
              when y.typnotnull then 'not allowed'
            end
          ),
          ('default', y.typdefault),
          (
            'values',
            (
              select string_agg(e.enumlabel, ', ' order by e.enumsortorder)
              from pg_catalog.pg_enum as e
              where e.enumtypid = y.oid
            )
          )
      ) as v (attribute, value)
    where y.typtype in ('d', 'e', 'r')
    union all
    select 'extension', e.extname::text, 'version', e.extversion
    from pg_catalog.pg_extension as e
    union all
    select 'event trigger', e.evtname::text, v.attribute, v.value
    from
      pg_catalog.pg_event_trigger as e
      cross join lateral (
        values
          ('event', e.evtevent::text),
          ('function', e.evtfoid::regproc::text),
          ('enabled', e.evtenabled::text),
          ('tags', e.evttags::text)
      ) as v (attribute, value)
    union all
    select
      'statistics',
      s.space || '.' || x.stxname,
      'definition',
      pg_get_statisticsobjdef(x.oid)
    from
      pg_catalog.pg_statistic_ext as x
      join spaces as s on s.oid = x.stxnamespace
    union all
    select
      'default privileges',
      concat_ws(
        ' ',
        x.defaclrole::regrole::text,
        x.defaclobjtype::text,
        s.space
      ),
      'privileges',
      x.defaclacl::text
    from
      pg_catalog.pg_default_acl as x
      left join spaces as s on s.oid = x.defaclnamespace
    union all
    select 'publication', p.pubname::text, v.attribute, v.value
    from
      pg_catalog.pg_publication as p
      cross join lateral (
        values
          (
            'operations',
            concat_ws(
              ' ',
              p.puballtables,
              p.pubinsert,
              p.pubupdate,
              p.pubdelete,
              p.pubtruncate
            )
          ),
          (
            'tables',
            (
              select
                string_agg(
                  concat(
                    r.prrelid::regclass,
                    ' ' || r.prattrs::text,
                    ' ' || pg_get_expr(r.prqual, r.prrelid)
                  ),
                  ', '
                  order by r.prrelid::regclass::text
                )
              from pg_catalog.pg_publication_rel as r
              where r.prpubid = p.oid
            )
          )
      ) as v (attribute, value)
    union all
    select i.type, i.identity, 'there', 'yes'
    from
      (
        select 'pg_operator'::regclass::oid as classid, o.oid
        from pg_catalog.pg_operator as o
        union all
        select 'pg_cast'::regclass, o.oid
        from pg_catalog.pg_cast as o
        union all
        select 'pg_collation'::regclass, o.oid
        from pg_catalog.pg_collation as o
        union all
        select 'pg_ts_config'::regclass, o.oid
        from pg_catalog.pg_ts_config as o
        union all
        select 'pg_ts_dict'::regclass, o.oid
        from pg_catalog.pg_ts_dict as o
        union all
        select 'pg_opclass'::regclass, o.oid
        from pg_catalog.pg_opclass as o
        union all
        select 'pg_foreign_server'::regclass, o.oid
        from pg_catalog.pg_foreign_server as o
      ) as o
      cross join lateral pg_identify_object(o.classid, o.oid, 0) as i
    where o.oid >= 16384
    union all
    select
      'database setting',
      case
        when x.setrole = 0 then 'database'
        else x.setrole::regrole::text
      end,
      'settings',
      x.setconfig::text
    from
      pg_catalog.pg_db_role_setting as x
      join pg_catalog.pg_database as d on d.oid = x.setdatabase
    where d.datname = current_database()
    union all
    select 'comment', i.type || ' ' || i.identity, 'text', c.description
    from
      pg_catalog.pg_description as c
      cross join lateral pg_identify_object(
        c.classoid,
        c.objoid,
        c.objsubid
      ) as i
    where c.objoid >= 16384
  )
select f.kind, f.name, f.attribute, f.value
from facts as f
where f.value is not null
order by f.kind, f.name collate "C", f.attribute, f.value collate "C";
