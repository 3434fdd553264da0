-- The statement that gives a part of a table in COPY's binary form, by which it is compared; no file can hold it since the
-- catalogs name the columns, and COPY takes no parameters.
--
-- Takes a table, its columns in order as JSON with name and place in the key, and the keys that the part lies between, as JSON lists
-- of texts: behind the one, up to the other, which is in it; null for none. Or the keys of some rows, as a list of such lists.
-- Returns: one
-- Not null: copy_text
--
-- Differs: sqlite has no COPY.

with
  columns as (
    select
      j.position,
      quote_ident(j.value ->> 'name') as name,
      cast(j.value ->> 'key' as integer) as key_position
    from
      jsonb_array_elements(
        cast(cast(:columns as text) as jsonb)
      ) with ordinality as j (value, position)
  ),
  lists as (
    select
      string_agg(c.name, ', ' order by c.position) as names,
      string_agg(c.name, ', ' order by c.key_position) filter (
        where c.key_position > 0
      ) as keys
    from columns as c
  ),
  bounds as (
    select
      (
        select string_agg(quote_literal(a.value), ', ' order by a.position)
        from
          jsonb_array_elements_text(
            cast(cast(:after_key as text) as jsonb)
          ) with ordinality as a (value, position)
      ) as after_key,
      (
        select string_agg(quote_literal(b.value), ', ' order by b.position)
        from
          jsonb_array_elements_text(
            cast(cast(:last_key as text) as jsonb)
          ) with ordinality as b (value, position)
      ) as last_key,
      (
        select
          string_agg(
            '(' || (
              select
                string_agg(quote_literal(v.value), ', ' order by v.position)
              from
                jsonb_array_elements_text(r.value) with ordinality as v (
                  value,
                  position
                )
            ) || ')',
            ', '
          )
        from
          jsonb_array_elements(cast(cast(:row_keys as text) as jsonb)) as r (
            value
          )
      ) as row_keys
  )
select
  'copy (select ' || l.names || ' from ' || quote_ident(
    cast(:table_name as text)
  ) || ' where true' || coalesce(
    ' and (' || l.keys || ') > (' || b.after_key || ')',
    ''
  ) || coalesce(
    ' and (' || l.keys || ') <= (' || b.last_key || ')',
    ''
  ) || coalesce(
    ' and (' || l.keys || ') in (' || b.row_keys || ')',
    ''
  ) || ' order by ' || l.keys || ') to stdout (format binary)' as copy_text
from
  lists as l
  cross join bounds as b;
