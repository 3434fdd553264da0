-- The statement that drops a throw-away database, with who may still be in it.
--
-- Returns: one
-- Not null: statement

select
  format(
    'drop database if exists %I with (force)',
    cast(:name as text)
  ) as statement;
