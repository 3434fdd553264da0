-- Constraints and foreign keys, with the SQL that makes and drops each; a check that a table inherits comes and goes with its parent's.
--
-- With: chosen, members, own
-- Returns: many
-- Not null: kind, relation, name, facet, value, in_create, place

with
  constraints as (
    select
      k.oid,
      k.contype,
      k.conname::text as name,
      k.convalidated,
      k.conislocal,
      pg_get_constraintdef(k.oid) as text,
      coalesce(obj_description(k.oid, 'pg_constraint'), '') as comment,
      case
        when y.oid is null then 'table'
        else 'domain'
      end as of_kind,
      format('%I.%I', s.nspname, coalesce(c.relname, y.typname)) as full_name,
      case
        when s.nspname = 'cowrie' then quote_ident(
          coalesce(c.relname, y.typname)
        )
        else format('%I.%I', s.nspname, coalesce(c.relname, y.typname))
      end as shown
    from
      pg_catalog.pg_constraint as k
      join chosen as s on s.oid = k.connamespace
      left join pg_catalog.pg_class as c on c.oid = k.conrelid
      left join pg_catalog.pg_type as y on y.oid = k.contypid
    where
      k.contype in ('p', 'u', 'c', 'x', 'f')
      and k.conparentid = 0
      and (
        k.conislocal
        or (k.contype = 'c' and not coalesce(c.relispartition, false))
      )
      and (cast('pg_class'::regclass as oid), coalesce(c.oid, 0)) not in (
        select m.classid, m.objid
        from members as m
      )
  )
select
  case k.contype
    when 'p' then 'primary key'
    when 'u' then 'unique constraint'
    when 'f' then 'foreign key'
    when 'x' then 'exclusion constraint'
    else 'check'
  end as kind,
  k.shown as relation,
  k.name,
  f.facet,
  f.value,
  f.put,
  f.remove,
  cast(null as text) as part,
  f.in_create,
  k.oid::bigint as place
from
  constraints as k
  cross join lateral (
    values
      (
        '',
        regexp_replace(k.text, ' NOT VALID$', ''),
        case
          when not k.conislocal then ''
          else format(
            'alter %s %s add constraint %I %s',
            k.of_kind,
            k.full_name,
            k.name,
            k.text
          )
        end,
        case
          when not k.conislocal then ''
          else format(
            'alter %s %s drop constraint %I',
            k.of_kind,
            k.full_name,
            k.name
          )
        end,
        1
      ),
      (
        'validity',
        case
          when k.convalidated then ''
          else 'not validated'
        end,
        case
          when k.convalidated then format(
            'alter %s %s validate constraint %I',
            k.of_kind,
            k.full_name,
            k.name
          )
        end,
        null,
        1
      ),
      (
        'comment',
        k.comment,
        format(
          'comment on constraint %I on %s%s is %L',
          k.name,
          case k.of_kind
            when 'domain' then 'domain '
            else ''
          end,
          k.full_name,
          nullif(k.comment, '')
        ),
        null,
        0
      )
  ) as f (facet, value, put, remove, in_create)
order by k.shown, k.name;
