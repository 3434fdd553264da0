-- The engine and its version.
--
-- Returns: one
-- Not null: engine

select
  'PostgreSQL ' || split_part(
    current_setting('server_version'),
    ' ',
    1
  ) as engine;
