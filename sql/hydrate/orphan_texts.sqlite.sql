-- The statements that find rows which refer to nothing by one reference, which no file can hold since the tables are named by it.
--
-- Takes the reference, and the key of its table as a JSON list of names in order.
-- Returns: one
-- Not null: find_text, children_text, freed_text, touched_text, touched_freed_text
--
-- find_text gives the keys of all such rows; children_text those of rows that refer to one of a JSON list of texts; the others none.
-- Differs: postgres gives some at a time, those in quarantine that are free by now, and those of a few rows.

with
  named as (
    select
      (
        select group_concat('c."' || j.value || '"', ', ' order by j.key)
        from json_each(:keys) as j
      ) as keys,
      '"' || :table_name || '"' as child,
      'c."' || :column_name || '"' as child_column,
      '"' || :parent_table || '"' as parent,
      'p."' || :parent_column || '"' as parent_column
  )
select
  'select ' || n.keys || ' from ' || n.child || ' as c where ' || n.child_column || ' is not null and not exists (select 1 from ' || n.parent || ' as p where ' || n.parent_column || ' = ' || n.child_column || ')' as find_text,
  'select ' || n.keys || ' from ' || n.child || ' as c where cast(' || n.child_column || ' as text) in (select j.value from json_each(?) as j)' as children_text,
  'select null where false' as freed_text,
  'select null where false' as touched_text,
  'select null where false' as touched_freed_text
from named as n;
