-- The statements that find rows which refer to nothing by one reference, which no file can hold since the tables are named by it.
--
-- Takes the reference, and the key of its table as a JSON list of names in order.
-- Returns: one
-- Not null: find_text, children_text, freed_text
--
-- find_text gives the keys of some such rows; children_text those of rows that refer to one of a JSON list of texts; freed_text the
-- keys of rows in quarantine for it that refer to a row by now.
-- Differs: sqlite has whole numbers and texts alone to compare, and what it finds is not set aside in pages.

with
  named as (
    select
      (
        select string_agg(format('c.%I', j.value), ', ' order by j.place)
        from
          jsonb_array_elements_text(
            cast(cast(:keys as text) as jsonb)
          ) with ordinality as j (value, place)
      ) as keys,
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
    'select %s from %s as c where cast(c.%s as text) in (select j.value from jsonb_array_elements_text(cast(cast($1 as text) as jsonb)) as j (value))',
    n.keys,
    n.child,
    n.child_column
  ) as children_text,
  format(
    'select q.row_key from hydration_quarantine as q where q.reason = ''23503'' and q.table_name = %L and q.column_name = %L and exists (select 1 from %s as p where cast(p.%s as text) = coalesce(cast(q.row_values as jsonb) -> %L ->> ''integer'', cast(q.row_values as jsonb) -> %L ->> ''text'')) limit 2000',
    cast(:table_name as text),
    cast(:column_name as text),
    n.parent,
    n.parent_column,
    cast(:column_name as text),
    cast(:column_name as text)
  ) as freed_text
from named as n;
