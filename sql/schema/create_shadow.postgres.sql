-- The statement that makes a throw-away database; a name cannot be bound.
--
-- Returns: one
-- Not null: statement

select
  format(
    'create database %I template template0 encoding ''UTF8''',
    cast(:name as text)
  ) as statement;
