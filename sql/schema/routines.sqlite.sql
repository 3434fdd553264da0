-- Every routine of the store, or of all else, with what its body sees; SQLite has none.
--
-- Returns: many
-- Not null: schema_name, path, name, language, body, arguments, result, table_name, new_table, old_table, is_row

select
  '' as schema_name,
  '' as path,
  '' as name,
  '' as language,
  '' as body,
  '' as arguments,
  '' as result,
  '' as table_name,
  '' as new_table,
  '' as old_table,
  0 as is_row
where 1 = 0 and :of_store is not null;
