-- The statement that asks the server what a table would say of rows, without one: what is computed of them, and which constraint
-- they break. No file can hold it since the catalogs name the columns.
--
-- Takes JSON lists: of columns with name and type, of computed ones with name, expression and whether they must have a value, of
-- constraints with name and expression.
-- Returns: one
-- Not null: check_text
--
-- Differs: postgres gives the statement; sqlite is asked nothing, since it holds whatever PostgreSQL does.

select
  substr(
    coalesce(:columns, '') || coalesce(:computed, '') || coalesce(:checks, ''),
    1,
    0
  ) as check_text;
