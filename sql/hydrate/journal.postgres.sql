-- The triggers that note the keys of rows that change, or that refuse every change of a store whose place another has taken.
--
-- Takes the tables that are copied as JSON with name and the columns of the key, in order.
-- Returns: many
-- Not null: drop_text, note_text, refuse_text
--
-- Who makes a trigger waits for those who write into the table, so that behind its commit nobody does.
-- Differs: nothing is noted here; a cutover to sqlite reads again what may have changed.

select
  format(
    'drop trigger if exists tr_hydration_refuse on cowrie.%I',
    t.value ->> 'name'
  ) as drop_text,
  '' as note_text,
  format(
    'create trigger tr_hydration_refuse before insert or update or delete on cowrie.%I for each statement execute function cowrie.refuse_changes()',
    t.value ->> 'name'
  ) as refuse_text
from
  jsonb_array_elements(
    cast(cast(:tables as text) as jsonb)
  ) with ordinality as t (value, position)
order by t.value ->> 'name' != 'ingest_batches', t.position;
