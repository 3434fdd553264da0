-- The keys of the rows that have changed, entry by entry, behind one of them and so many.
--
-- Returns: many

select j.journal_id, j.table_name, j.row_key
from hydration_journal as j
where j.journal_id > :after_id
order by j.journal_id
limit :page_size;
