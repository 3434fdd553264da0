-- The last word of the ledger on every migration of a folder of somebody's own, `OWNER/NNNN_name`, that is in force.
--
-- By applied_position they are in the order in which they were applied, which need not be that of their numbers. When, by which
-- release and how long is of that, and not of a blessing since.
--
-- Returns: many
-- Not null: applied_position

select
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
      m.name,
      max(m.ledger_id) as ledger_id,
      max(
        case
          when m.action = 'up' then m.ledger_id
        end
      ) as applied_position
    from schema_ledger as m
    where
      m.kind = 'migration'
      and m.name like '%/%'
      and m.action in ('up', 'down', 'bless')
    group by m.name
  ) as t
    on t.ledger_id = l.ledger_id
  join schema_ledger as u on u.ledger_id = t.applied_position
where l.action in ('up', 'bless')
order by l.name;
