-- The keys of the rows that have changed, entry by entry, in the order of their tables.
--
-- Returns: many

select j.journal_id, j.table_name, j.row_key
from hydration_journal as j
order by j.table_name, j.journal_id;
