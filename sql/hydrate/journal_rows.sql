-- The keys of the rows that have changed behind an entry of the journal, each once, of so many entries.
--
-- Returns: many
-- Not null: last_id

with
  page as (
    select j.journal_id, j.table_name, j.row_key
    from hydration_journal as j
    where j.journal_id > :after_id
    order by j.journal_id
    limit :page_size
  )
select p.table_name, p.row_key, max(p.journal_id) as last_id
from page as p
group by p.table_name, p.row_key
order by last_id;
