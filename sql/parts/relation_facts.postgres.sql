-- What every relation is and has, one attribute a row, in the words of the server; of `spaces`.
with
  relation_facts as (
    select r.kind, r.full_name as name, v.attribute, v.value
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
    select 'rule', r.full_name || '.' || u.rulename, v.attribute, v.value
    from
      pg_catalog.pg_rewrite as u
      join relations as r on r.oid = u.ev_class
      cross join lateral (
        values
          ('definition', pg_get_ruledef(u.oid)),
          ('enabled', nullif(u.ev_enabled::text, 'O'))
      ) as v (attribute, value)
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
  )
select f.kind
from relation_facts as f;
