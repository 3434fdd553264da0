-- Has entry 0, the head of the ledger, say what the last entry says: what goes at the end is missed then too.
--
-- Returns: none

update schema_ledger
set (digest, applied_at) = (
  select l.entry_digest, l.applied_at
  from schema_ledger as l
  where l.entry_digest is not null
  order by l.ledger_id desc
  limit 1
)
where ledger_id = 0;
