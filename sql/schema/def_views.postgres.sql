-- Views and rules, with the SQL that makes and drops each.
--
-- With: chosen, members, own
-- Returns: many
-- Not null: kind, relation, name, facet, value, in_create, place

select
  case c.relkind
    when 'm' then 'materialized view'
    else 'view'
  end as kind,
  c.shown as relation,
  '' as name,
  f.facet,
  f.value,
  f.put,
  f.remove,
  cast(null as text) as part,
  f.in_create,
  c.oid::bigint as place
from
  own_relations as c
  join pg_catalog.pg_database as d on d.datname = current_database()
  join pg_catalog.pg_tablespace as e on e.oid = d.dattablespace
  left join pg_catalog.pg_tablespace as p on p.oid = c.reltablespace
  cross join lateral (
    select
      case c.relkind
        when 'm' then 'materialized view'
        else 'view'
      end as kind,
      rtrim(pg_get_viewdef(c.oid), ';') as text,
      (
        select string_agg(quote_ident(a.attname), ', ' order by a.attnum)
        from pg_catalog.pg_attribute as a
        where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
      ) as names
  ) as v
  cross join lateral (
    select
      coalesce(
        string_agg(
          format('%I %s', a.attname, pg_get_expr(d.adbin, d.adrelid)),
          ', '
          order by a.attnum
        ) filter (where d.adbin is not null),
        ''
      ) as standards,
      string_agg(
        format(
          'alter view %s alter column %I %s',
          c.full_name,
          a.attname,
          coalesce(
            'set default ' || pg_get_expr(d.adbin, d.adrelid),
            'drop default'
          )
        ),
        E';\n'
        order by a.attnum
      ) as set_standards,
      coalesce(
        string_agg(
          format('%I %L', a.attname, col_description(c.oid, a.attnum)),
          ', '
          order by a.attnum
        ) filter (where col_description(c.oid, a.attnum) is not null),
        ''
      ) as notes,
      string_agg(
        format(
          'comment on column %s.%I is %L',
          c.full_name,
          a.attname,
          col_description(c.oid, a.attnum)
        ),
        E';\n'
        order by a.attnum
      ) as set_notes
    from
      pg_catalog.pg_attribute as a
      left join pg_catalog.pg_attrdef as d
        on d.adrelid = a.attrelid and d.adnum = a.attnum
    where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
  ) as w
  cross join lateral (
    values
      (
        '',
        format('(%s) as%s', v.names, v.text),
        format(
          E'create %s %s (%s) as\n%s',
          v.kind,
          c.full_name,
          v.names,
          v.text
        ),
        format('drop %s %s', v.kind, c.full_name),
        1
      ),
      (
        'owner',
        c.owner_name,
        format('alter %s %s owner to %I', v.kind, c.full_name, c.owner_text),
        null,
        0
      ),
      (
        'comment',
        coalesce(obj_description(c.oid, 'pg_class'), ''),
        format(
          'comment on %s %s is %L',
          v.kind,
          c.full_name,
          obj_description(c.oid, 'pg_class')
        ),
        null,
        0
      ),
      ('defaults of columns', w.standards, w.set_standards, null, 0),
      ('comments of columns', w.notes, w.set_notes, null, 0),
      (
        'tablespace',
        coalesce(p.spcname::text, ''),
        format(
          'alter %s %s set tablespace %I',
          v.kind,
          c.full_name,
          coalesce(p.spcname, e.spcname)
        ),
        null,
        0
      ),
      (
        'content',
        case
          when c.relispopulated then ''
          else 'not filled: no query can read it'
        end,
        format(
          case
            when c.relispopulated then 'refresh materialized view %s'
            else 'refresh materialized view %s with no data'
          end,
          c.full_name
        ),
        null,
        0
      )
  ) as f (facet, value, put, remove, in_create)
where c.relkind in ('v', 'm')
union all
select
  'rule',
  c.shown,
  r.rulename::text,
  f.facet,
  f.value,
  f.put,
  f.remove,
  null,
  f.in_create,
  r.oid::bigint
from
  pg_catalog.pg_rewrite as r
  join own_relations as c on c.oid = r.ev_class
  cross join lateral (
    values
      (
        '',
        pg_get_ruledef(r.oid),
        pg_get_ruledef(r.oid),
        format('drop rule %I on %I.%I', r.rulename, c.nspname, c.relname),
        1
      ),
      (
        'state',
        case r.ev_enabled
          when 'O' then ''
          when 'D' then 'disabled'
          when 'R' then 'enabled on a replica'
          else 'enabled always'
        end,
        format(
          'alter table %I.%I %s rule %I',
          c.nspname,
          c.relname,
          case r.ev_enabled
            when 'O' then 'enable'
            when 'D' then 'disable'
            when 'R' then 'enable replica'
            else 'enable always'
          end,
          r.rulename
        ),
        null,
        0
      )
  ) as f (facet, value, put, remove, in_create)
where r.rulename != '_RETURN'
order by 2, 3;
