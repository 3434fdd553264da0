-- The statements that find rows which refer to nothing by one reference, which no file can hold since the tables are named by it.
--
-- Takes the reference, and the key of its table as a JSON list of names in order.
-- Returns: one
-- Not null: find_text, children_text, freed_text, touched_text, touched_freed_text
--
-- find_text gives the keys of some such rows; freed_text the keys of some rows in quarantine for it that refer to a row by now. Of a
-- few rows that have changed, however many others there are, touched_text gives those that refer to nothing, and takes a JSON list of
-- their keys; children_text those that refer to one of a JSON list of texts that is there no more; touched_freed_text those in
-- quarantine that refer to one of these.
-- Differs: sqlite has whole numbers and texts alone to compare, and what it finds is not set aside in pages.

with
  types as (
    select
      cast(c.relname as text) as table_name,
      cast(a.attname as text) as column_name,
      format_type(a.atttypid, a.atttypmod) as type_name
    from
      pg_attribute as a
      join pg_class as c on c.oid = a.attrelid
    where
      c.relnamespace = cast('cowrie' as regnamespace)
      and a.attnum > 0
      and not a.attisdropped
  ),
  named as (
    select
      (
        select string_agg(format('c.%I', j.value), ', ' order by j.place)
        from
          jsonb_array_elements_text(
            cast(cast(:keys as text) as jsonb)
          ) with ordinality as j (value, place)
      ) as keys,
      (
        select
          string_agg(
            format('cast(j.value ->> %s as %s)', j.place - 1, t.type_name),
            ', '
            order by j.place
          )
        from
          jsonb_array_elements_text(
            cast(cast(:keys as text) as jsonb)
          ) with ordinality as j (value, place)
          join types as t
            on t.table_name = cast(:table_name as text)
            and t.column_name = j.value
      ) as given_keys,
      (
        select t.type_name
        from types as t
        where
          t.table_name = cast(:parent_table as text)
          and t.column_name = cast(:parent_column as text)
      ) as parent_type,
      quote_ident(cast(:table_name as text)) as child,
      quote_ident(cast(:column_name as text)) as child_column,
      quote_ident(cast(:parent_table as text)) as parent,
      quote_ident(cast(:parent_column as text)) as parent_column
  )
select
  format(
    'select %s from %s as c where c.%s is not null and not exists (select 1 from %s as p where p.%s = c.%s) limit 2000',
    n.keys,
    n.child,
    n.child_column,
    n.parent,
    n.parent_column,
    n.child_column
  ) as find_text,
  format(
    'select %1$s from %2$s as c where c.%3$s in (select cast(j.value as %4$s) from jsonb_array_elements_text(cast(cast($1 as text) as jsonb)) as j (value) where not exists (select 1 from %5$s as p where p.%6$s = cast(j.value as %4$s)))',
    n.keys,
    n.child,
    n.child_column,
    n.parent_type,
    n.parent,
    n.parent_column
  ) as children_text,
  format(
    'select q.row_key from hydration_quarantine as q where q.reason = ''23503'' and q.table_name = %L and q.column_name = %L and exists (select 1 from %s as p where cast(p.%s as text) = coalesce(cast(q.row_values as jsonb) -> %L ->> ''integer'', cast(q.row_values as jsonb) -> %L ->> ''text'')) limit 2000',
    cast(:table_name as text),
    cast(:column_name as text),
    n.parent,
    n.parent_column,
    cast(:column_name as text),
    cast(:column_name as text)
  ) as freed_text,
  format(
    'select %s from %s as c where (%s) in (select %s from jsonb_array_elements(cast(cast($1 as text) as jsonb)) as j (value)) and c.%s is not null and not exists (select 1 from %s as p where p.%s = c.%s)',
    n.keys,
    n.child,
    n.keys,
    n.given_keys,
    n.child_column,
    n.parent,
    n.parent_column,
    n.child_column
  ) as touched_text,
  format(
    'select q.row_key from hydration_quarantine as q join jsonb_array_elements_text(cast(cast($1 as text) as jsonb)) as j (value) on j.value = coalesce(cast(q.row_values as jsonb) -> %1$L ->> ''integer'', cast(q.row_values as jsonb) -> %1$L ->> ''text'') where q.reason = ''23503'' and q.table_name = %2$L and q.column_name = %1$L and exists (select 1 from %3$s as p where p.%4$s = cast(j.value as %5$s))',
    cast(:column_name as text),
    cast(:table_name as text),
    n.parent,
    n.parent_column,
    n.parent_type
  ) as touched_freed_text
from named as n;
