-- Settings of tables and views, and risky ones of the database and of roles in it, with the SQL that sets and takes away each.
--
-- With: chosen, members, own
-- Returns: many
-- Not null: kind, relation, name, facet, value, in_create, place

with
  risky(setting) as (
    values
      ('synchronous_commit'),
      ('session_replication_role'),
      ('row_security'),
      ('check_function_bodies'),
      ('default_transaction_read_only'),
      ('default_transaction_isolation'),
      ('search_path'),
      ('zero_damaged_pages'),
      ('ignore_checksum_failure'),
      ('standard_conforming_strings'),
      ('role'),
      ('enable_seqscan'),
      ('enable_indexscan'),
      ('enable_hashjoin'),
      ('enable_mergejoin'),
      ('enable_nestloop')
  )
select
  'setting' as kind,
  c.shown as relation,
  o.prefix || o.option_name as name,
  '' as facet,
  o.option_value as value,
  format(
    'alter %s %I.%I set (%s%s = %L)',
    v.kind,
    c.nspname,
    c.relname,
    o.prefix,
    o.option_name,
    o.option_value
  ) as put,
  format(
    'alter %s %I.%I reset (%s%s)',
    v.kind,
    c.nspname,
    c.relname,
    o.prefix,
    o.option_name
  ) as remove,
  cast(null as text) as part,
  0 as in_create,
  cast(0 as bigint) as place
from
  own_relations as c
  left join pg_catalog.pg_class as t on t.oid = c.reltoastrelid
  cross join lateral (
    select '' as prefix, p.option_name, p.option_value
    from pg_options_to_table(c.reloptions) as p
    union all
    select 'toast.', p.option_name, p.option_value
    from pg_options_to_table(t.reloptions) as p
  ) as o
  cross join lateral (
    select
      case c.relkind
        when 'v' then 'view'
        when 'm' then 'materialized view'
        else 'table'
      end as kind
  ) as v
where c.relkind in ('r', 'p', 'v', 'm')
union all
select
  'setting',
  case
    when d.setrole = 0 then 'the database'
    else 'role ' || quote_ident(pg_get_userbyid(d.setrole))
  end,
  split_part(w.word, '=', 1),
  '',
  substr(w.word, position('=' in w.word) + 1),
  format(
    E'do $$\nbegin\n  execute format(%L, current_database());\nend;\n$$',
    format(
      'alter %sdatabase %%I set %I = %s',
      v.of_role,
      split_part(w.word, '=', 1),
      substr(w.word, position('=' in w.word) + 1)
    )
  ),
  format(
    E'do $$\nbegin\n  execute format(%L, current_database());\nend;\n$$',
    format(
      'alter %sdatabase %%I reset %I',
      v.of_role,
      split_part(w.word, '=', 1)
    )
  ),
  null,
  0,
  0
from
  pg_catalog.pg_db_role_setting as d
  join pg_catalog.pg_database as b
    on b.oid = d.setdatabase and b.datname = current_database()
  cross join lateral unnest(d.setconfig) as w (word)
  join risky as r on r.setting = split_part(w.word, '=', 1)
  cross join lateral (
    select
      case
        when d.setrole = 0 then ''
        else format('role %I in ', pg_get_userbyid(d.setrole))
      end as of_role
  ) as v
where cast(:of_store as integer) in (0, 1) and cast(:owner as text) is not null
union all
select
  'extension',
  quote_ident(e.extname),
  '',
  f.facet,
  f.value,
  f.put,
  f.remove,
  null,
  1,
  e.oid::bigint
from
  pg_catalog.pg_extension as e
  join chosen as s on s.oid = e.extnamespace
  cross join lateral (
    values
      (
        '',
        '',
        format('create extension %I with schema %I', e.extname, s.nspname),
        format('drop extension %I', e.extname)
      ),
      (
        'version',
        e.extversion,
        format('alter extension %I update to %L', e.extname, e.extversion),
        null
      )
  ) as f (facet, value, put, remove)
order by 2, 3;
