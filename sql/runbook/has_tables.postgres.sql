-- Whether the store can keep records of runs: 2 where it can.
--
-- Returns: one

select count(*) as found
from
  pg_catalog.pg_class as c
  join pg_catalog.pg_namespace as n on n.oid = c.relnamespace
where
  n.nspname = 'cowrie'
  and c.relname in ('runbook_runs', 'runbook_steps')
  and c.relkind = 'r';
