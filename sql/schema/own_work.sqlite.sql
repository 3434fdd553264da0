-- What this transaction has done to each table; SQLite does not say it.
--
-- Returns: many
-- Not null: oid, name, file, row_count, rows_read, rows_written

select
  0 as oid,
  '' as name,
  0 as file,
  0 as row_count,
  0 as rows_read,
  0 as rows_written
where 1 = 0;
