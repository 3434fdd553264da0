-- The path on which this user finds names in this database, and the schemas on it that are there, in its order, a line each.
--
-- Returns: one
-- Not null: path, schemas

select
  current_setting('search_path') as path,
  coalesce(
    (
      select string_agg(s.name::text, chr(10) order by s.place)
      from unnest(current_schemas(false)) with ordinality as s (name, place)
      where s.name::text !~ '^pg_' and s.name != 'cowrie'
    ),
    ''
  ) as schemas;
