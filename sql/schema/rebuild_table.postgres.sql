-- The statements that write a table anew in another form; what both forms have of columns is kept.
--
-- Returns: many
-- Not null: statement

select '' as statement
where
  cast(:name as text) is null
  and cast(:text as text) is null
  and cast(:columns as text) is null;
