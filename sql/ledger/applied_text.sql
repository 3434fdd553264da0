-- The last word on a migration with its text, as it was applied or last blessed.
--
-- Returns: many

select l.action, l.digest, l.down_digest, l.body
from schema_ledger as l
where
  l.kind = 'migration'
  and l.name = :name
  and l.action in ('up', 'down', 'bless')
order by l.ledger_id desc
limit 1;
