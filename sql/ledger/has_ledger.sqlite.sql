-- Whether the database has a ledger.
--
-- Returns: one

select count(*) as found
from sqlite_schema
where type = 'table' and name = 'schema_ledger';
