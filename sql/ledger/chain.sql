-- Every entry of the ledger in its order, the head first, with the digest that covers it and the one before.
--
-- Returns: many

select
  l.ledger_id,
  l.kind,
  l.name,
  l.action,
  l.digest,
  l.down_digest,
  l.duration_ms,
  l.actor,
  l.tool_version,
  l.applied_at,
  l.reason,
  l.body,
  l.entry_digest
from schema_ledger as l
order by l.ledger_id;
