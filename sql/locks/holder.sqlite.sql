-- Who holds one of the locks of a store; a SQLite file does not say.
--
-- Returns: maybe
-- Not null: pid, application, since

select 0 as pid, '' as application, '' as since
where :lock is null;
