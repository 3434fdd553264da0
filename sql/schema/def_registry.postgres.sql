-- The rows of the registry that migrations have filled, with the SQL that adds and deletes each.
--
-- Returns: many
-- Not null: kind, relation, name, facet, value, in_create, place

with
  registered as (
    select
      'event_types' as relation,
      t.event_type as name,
      concat_ws(
        '; ',
        'since ' || t.since,
        'until ' || t.until,
        'stands for ' || t.legacy_of,
        t.meaning
      ) as content,
      format(
        'insert into cowrie.event_types (event_type, legacy_of, since, until, meaning) values (%L, %L, %L, %L, %L) on conflict (event_type) do update set legacy_of = excluded.legacy_of, since = excluded.since, until = excluded.until, meaning = excluded.meaning',
        t.event_type,
        t.legacy_of,
        t.since,
        t.until,
        t.meaning
      ) as put,
      format(
        'delete from cowrie.event_types where event_type = %L',
        t.event_type
      ) as remove
    from cowrie.event_types as t
    union all
    select
      'event_fields',
      f.event_type || ' ' || f.field,
      concat_ws(
        '; ',
        f.json_types,
        'since ' || f.since,
        'until ' || f.until,
        'flag ' || f.flag,
        f.meaning
      ),
      format(
        'insert into cowrie.event_fields (event_type, field, json_types, since, until, flag, meaning) values (%L, %L, %L, %L, %L, %L, %L) on conflict (event_type, field) do update set json_types = excluded.json_types, since = excluded.since, until = excluded.until, flag = excluded.flag, meaning = excluded.meaning',
        f.event_type,
        f.field,
        f.json_types,
        f.since,
        f.until,
        f.flag,
        f.meaning
      ),
      format(
        'delete from cowrie.event_fields where event_type = %L and field = %L',
        f.event_type,
        f.field
      )
    from cowrie.event_fields as f
  )
select
  'row' as kind,
  r.relation,
  r.name,
  '' as facet,
  '' as value,
  r.put,
  r.remove,
  cast(null as text) as part,
  1 as in_create,
  cast(0 as bigint) as place
from registered as r
where cast(:of_store as integer) = 1 and cast(:owner as text) is not null
union all
select
  'row',
  r.relation,
  r.name,
  'content',
  r.content,
  r.put,
  null,
  null,
  1,
  cast(0 as bigint)
from registered as r
where cast(:of_store as integer) = 1 and cast(:owner as text) is not null
order by 2, 3, 4;
