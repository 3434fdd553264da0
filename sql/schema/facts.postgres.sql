-- What every object of the database is, one attribute a row, in the words of the server; the ledger and the catalogs are left out.
--
-- Objects of the session's temporary schema are there as `pg_temp.name`. Privileges are told one by one, whether they were
-- granted or are everybody's from the start. Positions count the columns that are there.
--
-- Returns: many
-- Not null: kind, name, attribute, value

with
  spaces as (
    select
      n.oid,
      n.nspowner,
      n.nspacl,
      case
        when n.oid = pg_my_temp_schema() then 'pg_temp'
        else n.nspname::text
      end as space
    from pg_catalog.pg_namespace as n
    where
      n.oid = pg_my_temp_schema()
      or (n.nspname not like 'pg\_%' and n.nspname != 'information_schema')
  ),
  relations as (
    select
      c.*,
      s.space || '.' || c.relname as full_name,
      case c.relkind
        when 'v' then 'view'
        when 'm' then 'materialized view'
        when 'S' then 'sequence'
        when 'f' then 'foreign table'
        when 'c' then 'composite type'
        when 'i' then 'index'
        when 'I' then 'index'
        else 'table'
      end as kind
    from
      pg_catalog.pg_class as c
      join spaces as s on s.oid = c.relnamespace
    where
      c.relkind in ('r', 'p', 'v', 'm', 'S', 'f', 'c', 'i', 'I')
      and c.relname !~ 'schema_ledger'
  ),
  routines as (
    select
      p.*,
      s.space || '.' || p.proname || '(' || pg_get_function_identity_arguments(
        p.oid
      ) || ')' as full_name
    from
      pg_catalog.pg_proc as p
      join spaces as s on s.oid = p.pronamespace
  ),
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
    select r.kind, r.full_name, v.attribute, v.value
    from
      relations as r
      cross join lateral (
        values
          ('owner', r.relowner::regrole::text),
          (
            'persistence',
            case r.relpersistence
              when 'u' then 'unlogged'
              when 't' then 'temporary'
            end
          ),
          ('options', r.reloptions::text),
          (
            'row security',
            case
              when r.relforcerowsecurity then 'forced'
              when r.relrowsecurity then 'on'
            end
          ),
          ('replica identity', nullif(r.relreplident::text, 'd')),
          (
            'partition',
            case
              when r.relispartition then pg_get_expr(r.relpartbound, r.oid)
            end
          ),
          (
            'partition key',
            case
              when r.relkind = 'p' then pg_get_partkeydef(r.oid)
            end
          ),
          (
            'parents',
            (
              select
                string_agg(
                  i.inhparent::regclass::text,
                  ', '
                  order by i.inhseqno
                )
              from pg_catalog.pg_inherits as i
              where i.inhrelid = r.oid
            )
          ),
          (
            'definition',
            case
              when r.relkind in ('v', 'm') then pg_get_viewdef(r.oid)
            end
          ),
          (
            'populated',
            case
              when not r.relispopulated then 'no'
            end
          )
      ) as v (attribute, value)
    where r.relkind not in ('i', 'I')
    union all
    select 'column', r.full_name || '.' || a.attname, v.attribute, v.value
    from
      relations as r
      join pg_catalog.pg_attribute as a
        on a.attrelid = r.oid and a.attnum > 0 and not a.attisdropped
      left join pg_catalog.pg_attrdef as d
        on d.adrelid = r.oid and d.adnum = a.attnum
      left join pg_catalog.pg_collation as l
        on l.oid = a.attcollation and l.collname != 'default'
      cross join lateral (
        values
          (
            'position',
            (
              select count(*)
              from pg_catalog.pg_attribute as b
              where
                b.attrelid = r.oid
                and b.attnum between 1 and a.attnum
                and not b.attisdropped
            )::text
          ),
          ('type', format_type(a.atttypid, a.atttypmod)),
          (
            'null',
            case
              when a.attnotnull then 'not allowed'
              else 'allowed'
            end
          ),
          (
            'default',
            case
              when a.attgenerated = '' then pg_get_expr(d.adbin, d.adrelid)
            end
          ),
          (
            'generated',
            case
              when a.attgenerated != '' then pg_get_expr(
                d.adbin,
                d.adrelid
              ) || case a.attgenerated
                when 's' then ' stored'
                else ' virtual'
              end
            end
          ),
          (
            'identity',
            case a.attidentity
              when 'a' then 'always'
              when 'd' then 'by default'
            end
          ),
          ('collation', l.collname::text),
          ('storage', a.attstorage::text),
          ('compression', nullif(a.attcompression::text, '')),
          ('statistics target', nullif(a.attstattarget, -1)::text),
          ('options', a.attoptions::text)
      ) as v (attribute, value)
    where r.relkind in ('r', 'p', 'v', 'm', 'f', 'c')
    union all
    select
      'constraint',
      coalesce(r.full_name, y.space || '.' || y.typname) || '.' || k.conname,
      'definition',
      pg_get_constraintdef(k.oid)
    from
      pg_catalog.pg_constraint as k
      left join relations as r on r.oid = k.conrelid
      left join lateral (
        select s.space, t.typname
        from
          pg_catalog.pg_type as t
          join spaces as s on s.oid = t.typnamespace
        where t.oid = k.contypid
      ) as y
        on true
    where
      k.contype not in ('t', 'n')
      and (r.oid is not null or y.typname is not null)
    union all
    select 'index', r.full_name, v.attribute, v.value
    from
      relations as r
      join pg_catalog.pg_index as i on i.indexrelid = r.oid
      cross join lateral (
        values
          ('definition', pg_get_indexdef(i.indexrelid)),
          (
            'valid',
            case
              when not i.indisvalid then 'no'
            end
          ),
          (
            'clustered',
            case
              when i.indisclustered then 'yes'
            end
          )
      ) as v (attribute, value)
    union all
    select 'trigger', r.full_name || '.' || t.tgname, v.attribute, v.value
    from
      pg_catalog.pg_trigger as t
      join relations as r on r.oid = t.tgrelid
      cross join lateral (
        values
          ('definition', pg_get_triggerdef(t.oid)),
          (
            'enabled',
            case t.tgenabled
              when 'O' then null
              when 'D' then 'no'
              when 'A' then 'always'
              else 'replica'
            end
          )
      ) as v (attribute, value)
    where not t.tgisinternal
    union all
    select
      'rule',
      r.full_name || '.' || u.rulename,
      'definition',
      pg_get_ruledef(u.oid)
    from
      pg_catalog.pg_rewrite as u
      join relations as r on r.oid = u.ev_class
    where u.rulename != '_RETURN'
    union all
    select 'policy', r.full_name || '.' || q.polname, v.attribute, v.value
    from
      pg_catalog.pg_policy as q
      join relations as r on r.oid = q.polrelid
      cross join lateral (
        values
          ('command', q.polcmd::text),
          ('permissive', q.polpermissive::text),
          ('roles', q.polroles::regrole[]::text),
          ('using', pg_get_expr(q.polqual, q.polrelid)),
          ('check', pg_get_expr(q.polwithcheck, q.polrelid))
      ) as v (attribute, value)
    union all
    select 'sequence', r.full_name, v.attribute, v.value
    from
      relations as r
      join pg_catalog.pg_sequence as q on q.seqrelid = r.oid
      cross join lateral (
        values
          ('type', format_type(q.seqtypid, null)),
          ('start', q.seqstart::text),
          ('increment', q.seqincrement::text),
          ('bounds', q.seqmin || ' to ' || q.seqmax),
          ('cache', q.seqcache::text),
          ('cycle', q.seqcycle::text),
          (
            'owned by',
            (
              select d.refobjid::regclass || '.' || a.attname
              from
                pg_catalog.pg_depend as d
                join pg_catalog.pg_attribute as a
                  on a.attrelid = d.refobjid and a.attnum = d.refobjsubid
              where
                d.classid = 'pg_catalog.pg_class'::regclass
                and d.objid = r.oid
                and d.deptype in ('a', 'i')
            )
          )
      ) as v (attribute, value)
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
