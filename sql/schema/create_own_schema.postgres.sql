-- The statement that makes a schema of somebody's own in a throw-away database; a name cannot be bound.
--
-- Returns: one
-- Not null: statement

select
  format('create schema if not exists %I', cast(:name as text)) as statement;
