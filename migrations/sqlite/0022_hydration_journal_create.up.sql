-- 0022_hydration_journal_create
--
-- Why:         What changes in a store while the last of it is copied is found without reading all of it again.
-- Locks:       The write lock, for the catalogue change only.
-- Rewrites:    Nothing. The table is new, and empty but while a cutover runs.
-- Undo:        The down file drops it; run the cutover again.
-- Transaction: one

create table hydration_journal (
  journal_id integer constraint pk_hydration_journal primary key,
  table_name text not null,
  row_key text not null
)
strict;
