-- Whether the entries of the ledger cover one another.
--
-- Returns: one
-- Not null: found

select count(*) as found
from pg_catalog.pg_attribute as a
where
  a.attrelid = to_regclass('cowrie.schema_ledger')
  and a.attname = 'entry_digest'
  and not a.attisdropped;
