-- The page on which each table begins; PostgreSQL has files for that.
--
-- Returns: many
-- Not null: page, table_name

select
  0 as page,
  '' as table_name
where 1 = 0;
