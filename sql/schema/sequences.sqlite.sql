-- Where each sequence goes on; SQLite has none, and keeps the numbers of autoincrement in a table that need not be there.
--
-- Returns: many
-- Not null: name, next_value, is_rising

select '' as name, '' as next_value, 1 as is_rising
where 1 = 0;
