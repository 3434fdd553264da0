-- Every routine of the store, or of all else but extensions, with the path that it sets and what its body sees: arguments, result, and for a trigger's function each table that it is on.
--
-- Returns: many
-- Not null: schema_name, path, name, language, body, arguments, result, table_name, new_table, old_table, is_row

select
  s.nspname::text as schema_name,
  coalesce(
    (
      select substr(u.setting, length('search_path=') + 1)
      from unnest(p.proconfig) as u (setting)
      where u.setting like 'search\_path=%'
    ),
    ''
  ) as path,
  p.proname::text as name,
  l.lanname::text as language,
  p.prosrc as body,
  coalesce(a.arguments, '') as arguments,
  coalesce(pg_get_function_result(p.oid), '') as result,
  coalesce(
    quote_ident(n.nspname) || '.' || quote_ident(c.relname),
    ''
  ) as table_name,
  coalesce(t.tgnewtable, '')::text as new_table,
  coalesce(t.tgoldtable, '')::text as old_table,
  coalesce(t.tgtype & 1, 0) as is_row
from
  pg_catalog.pg_proc as p
  join pg_catalog.pg_namespace as s on s.oid = p.pronamespace
  join pg_catalog.pg_language as l on l.oid = p.prolang
  left join lateral (
    select
      string_agg(
        format('%I %s', u.name, format_type(u.type, null)),
        chr(10)
        order by u.place
      ) as arguments
    from
      unnest(
        p.proargnames,
        coalesce(p.proallargtypes, p.proargtypes::oid[])
      ) with ordinality as u (name, type, place)
    where u.name != ''
  ) as a
    on true
  left join pg_catalog.pg_trigger as t
    on t.tgfoid = p.oid and not t.tgisinternal
  left join pg_catalog.pg_class as c on c.oid = t.tgrelid
  left join pg_catalog.pg_namespace as n on n.oid = c.relnamespace
where
  l.lanname in ('plpgsql', 'sql')
  and p.prokind in ('f', 'p')
  and (s.nspname = 'cowrie') = (:of_store = 1)
  and s.nspname !~ '^pg_'
  and s.nspname != 'information_schema'
  and not exists (
    select 1
    from pg_catalog.pg_depend as d
    where
      d.classid = 'pg_catalog.pg_proc'::regclass
      and d.objid = p.oid
      and d.deptype = 'e'
  )
order by
  s.nspname collate "C",
  p.proname collate "C",
  p.oid,
  c.relname collate "C";
