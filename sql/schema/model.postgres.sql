-- A schema as both engines have one: what there is by kind and name, in the words of the server; the ledger is left out.
--
-- With: chosen
-- Returns: many
-- Not null: kind, name, attribute, value

with
  keys as (
    select
      k.*,
      c.relname,
      (
        select string_agg(a.attname, ', ' order by u.place)
        from
          unnest(k.conkey) with ordinality as u (attnum, place)
          join pg_catalog.pg_attribute as a
            on a.attrelid = k.conrelid and a.attnum = u.attnum
      ) as columns
    from
      pg_catalog.pg_constraint as k
      join listed as c on c.oid = k.conrelid
  ),
  facts as (
    select
      'table' as kind,
      c.relname::text as name,
      'there' as attribute,
      'yes' as value
    from listed as c
    where c.relkind in ('r', 'p')
    union all
    select 'column', c.relname || '.' || a.attname, v.attribute, v.value
    from
      listed as c
      join pg_catalog.pg_attribute as a
        on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
      left join pg_catalog.pg_attrdef as d
        on d.adrelid = c.oid and d.adnum = a.attnum
      cross join lateral (
        values
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
              when a.attidentity != '' then 'next number'
              when a.attgenerated = '' then pg_get_expr(d.adbin, d.adrelid)
            end
          ),
          (
            'generated',
            case
              when a.attgenerated != '' then pg_get_expr(d.adbin, d.adrelid)
            end
          )
      ) as v (attribute, value)
    where c.relkind in ('r', 'p')
    union all
    select 'key', k.relname::text, 'columns', k.columns
    from keys as k
    where k.contype = 'p'
    union all
    select 'unique', k.relname || '(' || k.columns || ')', 'there', 'yes'
    from keys as k
    where k.contype = 'u'
    union all
    select
      'reference',
      k.relname || '(' || k.columns || ')',
      v.attribute,
      v.value
    from
      keys as k
      join listed as p on p.oid = k.confrelid
      cross join lateral (
        values
          (
            'to',
            p.relname || '(' || (
              select string_agg(a.attname, ', ' order by u.place)
              from
                unnest(k.confkey) with ordinality as u (attnum, place)
                join pg_catalog.pg_attribute as a
                  on a.attrelid = k.confrelid and a.attnum = u.attnum
            ) || ')'
          ),
          ('on update', k.confupdtype::text),
          ('on delete', k.confdeltype::text),
          (
            'deferred',
            case
              when k.condeferred then 'yes'
              else 'no'
            end
          )
      ) as v (attribute, value)
    where k.contype = 'f'
    union all
    select
      'check',
      k.relname || '.' || k.conname,
      'expression',
      pg_get_expr(k.conbin, k.conrelid)
    from keys as k
    where k.contype = 'c'
    union all
    select 'index', c.relname::text, v.attribute, v.value
    from
      pg_catalog.pg_index as i
      join listed as c on c.oid = i.indexrelid
      join listed as t on t.oid = i.indrelid
      cross join lateral (
        values
          ('table', t.relname::text),
          (
            'columns',
            (
              select
                string_agg(
                  pg_get_indexdef(i.indexrelid, g.n, true) || case
                    when i.indoption[g.n - 1] & 1 = 1 then ' desc'
                    else ''
                  end,
                  ', '
                  order by g.n
                )
              from generate_series(1, i.indnkeyatts) as g (n)
            )
          ),
          (
            'unique',
            case
              when i.indisunique then 'yes'
              else 'no'
            end
          ),
          ('predicate', pg_get_expr(i.indpred, i.indrelid)),
          (
            'valid',
            case
              when not i.indisvalid then 'no'
            end
          )
      ) as v (attribute, value)
    where
      not exists (
        select 1
        from pg_catalog.pg_constraint as k
        where k.conindid = i.indexrelid and k.contype in ('p', 'u', 'x')
      )
    union all
    select
      'view',
      c.relname::text,
      'columns',
      (
        select string_agg(a.attname, ', ' order by a.attnum)
        from pg_catalog.pg_attribute as a
        where a.attrelid = c.oid and a.attnum > 0
      )
    from listed as c
    where c.relkind in ('v', 'm')
    union all
    select
      'trigger',
      c.relname || case
        when t.tgtype & 64 = 64 then ' instead of '
        when t.tgtype & 2 = 2 then ' before '
        else ' after '
      end || e.event,
      'enabled',
      case
        when t.tgenabled = 'D' then 'no'
        else 'yes'
      end
    from
      pg_catalog.pg_trigger as t
      join listed as c on c.oid = t.tgrelid
      join (
        values
          (4, 'insert'),
          (8, 'delete'),
          (16, 'update'),
          (32, 'truncate')
      ) as e (bit, event)
        on t.tgtype & e.bit = e.bit
    where not t.tgisinternal
    union all
    select
      'procedure',
      p.proname::text,
      'takes',
      coalesce(
        (
          select string_agg(u.name, ', ' order by u.place)
          from unnest(p.proargnames) with ordinality as u (name, place)
          where coalesce(p.proargmodes[u.place], 'i') in ('i', 'b', 'v')
        ),
        'nothing'
      )
    from
      pg_catalog.pg_proc as p
      join chosen as s on s.oid = p.pronamespace
    where p.prorettype not in ('trigger'::regtype, 'event_trigger'::regtype)
  )
select f.kind, f.name, f.attribute, f.value
from facts as f
where f.value is not null
order by f.kind, f.name collate "C", f.attribute, f.value collate "C";
