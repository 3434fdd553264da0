-- The statement that asks the server what a table would say of rows, without one: what is computed of them, and which constraint
-- they break. No file can hold it since the catalogs name the columns.
--
-- Takes JSON lists: of columns with name and type, of computed ones with name, expression and whether they must have a value, of
-- constraints with name and expression.
-- Returns: one
-- Not null: check_text
--
-- Each column is bound as the text of an array. The statement gives the place of each row that is not as it must be, the first computed
-- column that has no value there, and the first constraint that is false; it fails where a value is no such value. (What is false of all
-- rows beforehand would not be run.)
-- Differs: sqlite is asked nothing, since it holds whatever PostgreSQL does.

with
  given as (
    select
      string_agg(
        format('cast(cast($%s as text) as %s[])', j.place, j.value ->> 'type'),
        ', '
        order by j.place
      ) as bound,
      string_agg(
        quote_ident(j.value ->> 'name'),
        ', '
        order by j.place
      ) as names
    from
      jsonb_array_elements(
        cast(cast(:columns as text) as jsonb)
      ) with ordinality as j (value, place)
  ),
  computed as (
    select
      coalesce(
        string_agg(
          format(', %s as %I', j.value ->> 'expression', j.value ->> 'name'),
          ''
          order by j.place
        ),
        ''
      ) as listed,
      coalesce(
        string_agg(format(', s.%I', j.value ->> 'name'), '' order by j.place),
        ''
      ) as names,
      coalesce(
        string_agg(
          format(
            ' when s.%I is null then %L',
            j.value ->> 'name',
            j.value ->> 'name'
          ),
          ''
          order by j.place
        ) filter (where cast(j.value ->> 'required' as boolean)),
        ''
      ) as missing
    from
      jsonb_array_elements(
        cast(cast(:computed as text) as jsonb)
      ) with ordinality as j (value, place)
  ),
  checks as (
    select
      coalesce(
        string_agg(
          format(
            ' when not (%s) then %L',
            j.value ->> 'expression',
            j.value ->> 'name'
          ),
          ''
          order by j.place
        ),
        ''
      ) as broken
    from
      jsonb_array_elements(
        cast(cast(:checks as text) as jsonb)
      ) with ordinality as j (value, place)
  )
select
  format(
    'select t.row_place, t.missing, t.broken from (select s.row_place, case when false then null%s end as missing, case when false then null%s end as broken, num_nulls(null%s) as forced from (select g.*%s from unnest(%s) with ordinality as g (%s, row_place)) as s) as t where t.missing is not null or t.broken is not null or t.forced < 0 or t.row_place < 0 order by t.row_place',
    c.missing,
    k.broken,
    c.names,
    c.listed,
    g.bound,
    g.names
  ) as check_text
from
  given as g
  cross join computed as c
  cross join checks as k;
