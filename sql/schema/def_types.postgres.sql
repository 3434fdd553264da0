-- Domains, enumerations with their values and other types, a row for each thing that can be said of one, with the SQL that makes it so.
--
-- With: chosen, members, own
-- Returns: many
-- Not null: kind, relation, name, facet, value, in_create, place

select
  case y.typtype
    when 'd' then 'domain'
    else 'type'
  end as kind,
  case
    when s.nspname = 'cowrie' then quote_ident(y.typname)
    else format('%I.%I', s.nspname, y.typname)
  end as relation,
  '' as name,
  f.facet,
  f.value,
  f.put,
  f.remove,
  cast(null as text) as part,
  f.in_create,
  y.oid::bigint as place
from
  pg_catalog.pg_type as y
  join chosen as s on s.oid = y.typnamespace
  cross join base as b
  left join pg_catalog.pg_class as c on c.oid = y.typrelid
  cross join lateral (
    select
      format('%I.%I', s.nspname, y.typname) as full_name,
      case y.typtype
        when 'd' then format_type(y.typbasetype, y.typtypmod)
        when 'e' then (
          select
            format(
              'enum (%s)',
              string_agg(
                quote_literal(e.enumlabel),
                ', '
                order by e.enumsortorder
              )
            )
          from pg_catalog.pg_enum as e
          where e.enumtypid = y.oid
        )
        when 'c' then (
          select
            format(
              '(%s)',
              string_agg(
                format(
                  '%I %s',
                  a.attname,
                  format_type(a.atttypid, a.atttypmod)
                ),
                ', '
                order by a.attnum
              )
            )
          from pg_catalog.pg_attribute as a
          where a.attrelid = y.typrelid and a.attnum > 0 and not a.attisdropped
        )
        else 'range of ' || (
          select format_type(g.rngsubtype, null)
          from pg_catalog.pg_range as g
          where g.rngtypid = y.oid
        )
      end as text
  ) as t
  cross join lateral (
    values
      (
        '',
        case y.typtype
          when 'e' then 'enum'
          else t.text
        end,
        case
          when y.typtype = 'r' then null
          else format(
            'create %s %s as %s',
            case y.typtype
              when 'd' then 'domain'
              else 'type'
            end,
            t.full_name,
            t.text
          )
        end,
        format(
          'drop %s %s',
          case y.typtype
            when 'd' then 'domain'
            else 'type'
          end,
          t.full_name
        ),
        1
      ),
      (
        'definition',
        case y.typtype
          when 'e' then t.text
          else ''
        end,
        null,
        null,
        1
      ),
      (
        'default',
        coalesce(y.typdefault, ''),
        format(
          'alter domain %s %s',
          t.full_name,
          coalesce('set default ' || y.typdefault, 'drop default')
        ),
        null,
        0
      ),
      (
        'nullability',
        case
          when y.typnotnull then 'not null'
          else ''
        end,
        format(
          'alter domain %s %s not null',
          t.full_name,
          case
            when y.typnotnull then 'set'
            else 'drop'
          end
        ),
        null,
        0
      ),
      (
        'owner',
        case
          when y.typowner = b.oid then ''
          else pg_get_userbyid(y.typowner)::text
        end,
        format(
          'alter type %s owner to %I',
          t.full_name,
          case
            when y.typowner = b.oid then cast(:owner as text)
            else pg_get_userbyid(y.typowner)::text
          end
        ),
        null,
        0
      ),
      (
        'comment',
        coalesce(obj_description(y.oid, 'pg_type'), ''),
        format(
          'comment on %s %s is %L',
          case y.typtype
            when 'd' then 'domain'
            else 'type'
          end,
          t.full_name,
          obj_description(y.oid, 'pg_type')
        ),
        null,
        0
      )
  ) as f (facet, value, put, remove, in_create)
where
  (y.typtype in ('d', 'e', 'r') or c.relkind = 'c')
  and (cast('pg_type'::regclass as oid), y.oid) not in (
    select m.classid, m.objid
    from members as m
  )
union all
select
  'value',
  case
    when s.nspname = 'cowrie' then quote_ident(y.typname)
    else format('%I.%I', s.nspname, y.typname)
  end,
  e.enumlabel::text,
  '',
  '',
  format(
    'alter type %I.%I add value if not exists %L%s',
    s.nspname,
    y.typname,
    e.enumlabel,
    case
      when e.before is not null then format(' after %L', e.before)
      when e.behind is not null then format(' before %L', e.behind)
    end
  ),
  null,
  null,
  1,
  e.place
from
  (
    select
      v.enumtypid,
      v.enumlabel,
      lag(v.enumlabel) over w as before,
      lead(v.enumlabel) over w as behind,
      row_number() over w as place
    from pg_catalog.pg_enum as v
    window
      w as (
        partition by v.enumtypid
        order by v.enumsortorder
      )
  ) as e
  join pg_catalog.pg_type as y on y.oid = e.enumtypid
  join chosen as s on s.oid = y.typnamespace
where
  (cast('pg_type'::regclass as oid), y.oid) not in (
    select m.classid, m.objid
    from members as m
  )
order by 2;
