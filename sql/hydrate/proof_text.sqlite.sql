-- The statement that gives a part of a table in COPY's binary form; SQLite has no COPY.
--
-- Takes a table, its columns, two keys and a list of keys, which are not looked at.
-- Returns: one
-- Not null: copy_text

select
  substr(
    coalesce(:table_name, '') || coalesce(:columns, '') || coalesce(
      :after_key,
      ''
    ) || coalesce(:last_key, '') || coalesce(:row_keys, ''),
    1,
    0
  ) as copy_text;
