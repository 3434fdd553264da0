-- Has every name of the store and of others come with its schema, until the transaction ends.
--
-- Returns: one
-- Not null: path

select set_config('search_path', 'pg_catalog', true) as path;
