-- The last word of the ledger on every migration and procedure that is in force.
--
-- Returns: many

select
  l.kind,
  l.name,
  l.digest,
  l.down_digest,
  l.applied_at,
  l.tool_version,
  l.duration_ms
from
  schema_ledger as l
  join (
    select m.kind, m.name, max(m.ledger_id) as ledger_id
    from schema_ledger as m
    group by m.kind, m.name
  ) as t
    on t.ledger_id = l.ledger_id
where l.action in ('up', 'apply')
order by l.kind, l.name;
