-- Whether the store can keep records of runs: 2 where it can.
--
-- Returns: one

select count(*) as found
from sqlite_schema
where type = 'table' and name in ('runbook_runs', 'runbook_steps');
