-- Whether the ledger may get its chain from a folder of somebody's own: no store is there, whose migration brings it.
--
-- Returns: one
-- Not null: found

select count(*) as found
from sqlite_schema as m
where
  m.type = 'table'
  and m.name = 'schema_ledger'
  and not exists (
    select 1
    from sqlite_schema as s
    where s.type = 'table' and s.name = 'ingest_batches'
  );
