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
      printf(
        'insert into event_types (event_type, legacy_of, since, until, meaning) values (%s, %s, %s, %s, %s) on conflict (event_type) do update set legacy_of = excluded.legacy_of, since = excluded.since, until = excluded.until, meaning = excluded.meaning',
        quote(t.event_type),
        quote(t.legacy_of),
        quote(t.since),
        quote(t.until),
        quote(t.meaning)
      ) as put,
      printf(
        'delete from event_types where event_type = %Q',
        t.event_type
      ) as remove
    from event_types as t
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
      printf(
        'insert into event_fields (event_type, field, json_types, since, until, flag, meaning) values (%s, %s, %s, %s, %s, %s, %s) on conflict (event_type, field) do update set json_types = excluded.json_types, since = excluded.since, until = excluded.until, flag = excluded.flag, meaning = excluded.meaning',
        quote(f.event_type),
        quote(f.field),
        quote(f.json_types),
        quote(f.since),
        quote(f.until),
        quote(f.flag),
        quote(f.meaning)
      ),
      printf(
        'delete from event_fields where event_type = %Q and field = %Q',
        f.event_type,
        f.field
      )
    from event_fields as f
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
  0 as place
from registered as r
where cast(:of_store as integer) = 1 and :owner is not null
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
  0
from registered as r
where cast(:of_store as integer) = 1 and :owner is not null
order by 2, 3, 4;
