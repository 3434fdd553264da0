-- The locks that this session holds on tables; SQLite locks the whole file.
--
-- Returns: many
-- Not null: oid, lock

select 0 as oid, '' as lock
where 1 = 0;
