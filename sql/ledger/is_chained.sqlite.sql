-- Whether the entries of the ledger cover one another.
--
-- Returns: one
-- Not null: found

select count(*) as found
from pragma_table_info('schema_ledger')
where name = 'entry_digest';
