-- Triggers and policies, with the SQL that makes and drops each.
--
-- With: chosen, members, own
-- Returns: many
-- Not null: kind, relation, name, facet, value, in_create, place

select
  'trigger' as kind,
  c.shown as relation,
  t.tgname::text as name,
  f.facet,
  f.value,
  f.put,
  f.remove,
  cast(null as text) as part,
  f.in_create,
  t.oid::bigint as place
from
  pg_catalog.pg_trigger as t
  join own_relations as c on c.oid = t.tgrelid
  cross join lateral (
    values
      (
        '',
        pg_get_triggerdef(t.oid),
        pg_get_triggerdef(t.oid),
        format('drop trigger %I on %I.%I', t.tgname, c.nspname, c.relname),
        1
      ),
      (
        'state',
        case t.tgenabled
          when 'O' then ''
          when 'D' then 'disabled'
          when 'R' then 'enabled on a replica'
          else 'enabled always'
        end,
        format(
          'alter table %I.%I %s trigger %I',
          c.nspname,
          c.relname,
          case t.tgenabled
            when 'O' then 'enable'
            when 'D' then 'disable'
            when 'R' then 'enable replica'
            else 'enable always'
          end,
          t.tgname
        ),
        null,
        0
      ),
      (
        'comment',
        coalesce(obj_description(t.oid, 'pg_trigger'), ''),
        format(
          'comment on trigger %I on %I.%I is %L',
          t.tgname,
          c.nspname,
          c.relname,
          obj_description(t.oid, 'pg_trigger')
        ),
        null,
        0
      )
  ) as f (facet, value, put, remove, in_create)
where not t.tgisinternal and t.tgparentid = 0
union all
select
  'policy',
  c.shown,
  p.polname::text,
  f.facet,
  f.value,
  f.put,
  f.remove,
  null,
  f.in_create,
  p.oid::bigint
from
  pg_catalog.pg_policy as p
  join own_relations as c on c.oid = p.polrelid
  cross join lateral (
    select
      concat_ws(
        ' ',
        'as',
        case
          when p.polpermissive then 'permissive'
          else 'restrictive'
        end,
        'for',
        case p.polcmd
          when 'r' then 'select'
          when 'a' then 'insert'
          when 'w' then 'update'
          when 'd' then 'delete'
          else 'all'
        end,
        'to',
        (
          select
            string_agg(
              case
                when u.id = 0 then 'public'
                else quote_ident(pg_get_userbyid(u.id))
              end,
              ', '
              order by u.id
            )
          from unnest(p.polroles) as u (id)
        ),
        'using (' || pg_get_expr(p.polqual, p.polrelid) || ')',
        'with check (' || pg_get_expr(p.polwithcheck, p.polrelid) || ')'
      ) as text
  ) as v
  cross join lateral (
    values
      (
        '',
        v.text,
        format(
          'create policy %I on %I.%I %s',
          p.polname,
          c.nspname,
          c.relname,
          v.text
        ),
        format('drop policy %I on %I.%I', p.polname, c.nspname, c.relname),
        1
      ),
      (
        'comment',
        coalesce(obj_description(p.oid, 'pg_policy'), ''),
        format(
          'comment on policy %I on %I.%I is %L',
          p.polname,
          c.nspname,
          c.relname,
          obj_description(p.oid, 'pg_policy')
        ),
        null,
        0
      )
  ) as f (facet, value, put, remove, in_create)
order by 2, 3;
