-- Notes which roles of stores there are; SQLite has no roles.
--
-- Returns: one

select '' as known;
