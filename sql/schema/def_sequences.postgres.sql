-- Sequences that are no identity's, a row for each thing that can be said of one, with the SQL that makes it so.
--
-- With: chosen, members, own
-- Returns: many
-- Not null: kind, relation, name, facet, value, in_create, place

with
  sequences as (
    select
      r.*,
      format(
        'as %s increment by %s minvalue %s maxvalue %s start with %s cache %s%s',
        format_type(q.seqtypid, null),
        q.seqincrement,
        q.seqmin,
        q.seqmax,
        q.seqstart,
        q.seqcache,
        case
          when q.seqcycle then ' cycle'
          else ' no cycle'
        end
      ) as options,
      (
        select format('%s.%I', d.refobjid::regclass, a.attname)
        from
          pg_catalog.pg_depend as d
          join pg_catalog.pg_attribute as a
            on a.attrelid = d.refobjid and a.attnum = d.refobjsubid
        where
          d.classid = 'pg_class'::regclass
          and d.objid = r.oid
          and d.deptype = 'a'
      ) as owned_by
    from
      own_relations as r
      join pg_catalog.pg_sequence as q on q.seqrelid = r.oid
    where
      not exists (
        select 1
        from pg_catalog.pg_depend as d
        where
          d.classid = 'pg_class'::regclass
          and d.objid = r.oid
          and d.deptype = 'i'
      )
  )
select
  'sequence' as kind,
  r.shown as relation,
  '' as name,
  f.facet,
  f.value,
  f.put,
  f.remove,
  cast(null as text) as part,
  f.in_create,
  r.oid::bigint as place
from
  sequences as r
  cross join lateral (
    values
      (
        '',
        '',
        format('create sequence %s %s', r.full_name, r.options),
        format('drop sequence %s', r.full_name),
        1
      ),
      (
        'persistence',
        case r.relpersistence
          when 'u' then 'unlogged'
          else ''
        end,
        format(
          'alter sequence %s set %s',
          r.full_name,
          case r.relpersistence
            when 'u' then 'unlogged'
            else 'logged'
          end
        ),
        null,
        0
      ),
      (
        'owner',
        r.owner_name,
        format('alter sequence %s owner to %I', r.full_name, r.owner_text),
        null,
        0
      ),
      (
        'comment',
        coalesce(obj_description(r.oid, 'pg_class'), ''),
        format(
          'comment on sequence %s is %L',
          r.full_name,
          obj_description(r.oid, 'pg_class')
        ),
        null,
        0
      ),
      (
        'options',
        r.options,
        format(
          'alter sequence %s %s',
          r.full_name,
          replace(r.options, 'start with', 'start')
        ),
        null,
        1
      ),
      (
        'column that owns it',
        coalesce(r.owned_by, ''),
        format(
          'alter sequence %s owned by %s',
          r.full_name,
          coalesce(r.owned_by, 'none')
        ),
        null,
        0
      )
  ) as f (facet, value, put, remove, in_create);
