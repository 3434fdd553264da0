-- The keys of the rows that have changed behind an entry of the journal, each once.
--
-- Returns: many
-- Not null: last_id

select j.table_name, j.row_key, max(j.journal_id) as last_id
from hydration_journal as j
where j.journal_id > :after_id
group by j.table_name, j.row_key
order by last_id;
