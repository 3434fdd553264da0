-- How many entries the ledger has.
--
-- Returns: one
-- Not null: found

select count(*) as found
from schema_ledger;
