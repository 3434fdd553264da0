-- The last word of the ledger on every migration of a folder of somebody's own, `OWNER/NNNN_name`, that is in force.
--
-- Returns: many

select
  l.name,
  l.digest,
  l.down_digest,
  l.applied_at,
  l.tool_version,
  l.duration_ms
from
  schema_ledger as l
  join (
    select m.name, max(m.ledger_id) as ledger_id
    from schema_ledger as m
    where m.kind = 'migration' and m.name like '%/%'
    group by m.name
  ) as t
    on t.ledger_id = l.ledger_id
where l.action = 'up'
order by l.name;
