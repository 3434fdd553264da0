-- The last word of the ledger on every migration and procedure of the store that is in force.
--
-- Migrations of somebody's own folder are named OWNER/NNNN_name, and are no business of the store. By applied_position they
-- are in the order in which they were applied, which need not be that of their numbers. When, by which release and how long is
-- of that, and not of a blessing since.
--
-- Returns: many
-- Not null: applied_position

select
  l.kind,
  l.name,
  l.digest,
  l.down_digest,
  u.applied_at,
  u.tool_version,
  u.duration_ms,
  t.applied_position
from
  schema_ledger as l
  join (
    select
      m.kind,
      m.name,
      max(m.ledger_id) as ledger_id,
      max(
        case
          when m.action in ('up', 'apply') then m.ledger_id
        end
      ) as applied_position
    from schema_ledger as m
    where m.action in ('up', 'down', 'apply', 'drop', 'bless')
    group by m.kind, m.name
  ) as t
    on t.ledger_id = l.ledger_id
  join schema_ledger as u on u.ledger_id = t.applied_position
where
  l.action in ('up', 'apply', 'bless')
  and (l.kind = 'procedure' or l.name not like '%/%')
order by l.kind, l.name;
