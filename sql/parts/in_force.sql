-- The last word of the ledger on every migration and procedure that is in force.
--
-- By applied_position they are in the order in which they were applied, which need not be that of their numbers. When, by which
-- release and how long is of that, and not of a blessing since. Every command asks this: one pass over the ledger, and no table
-- joined with itself.
with
  in_force as (
    select
      e.kind,
      e.name,
      e.digest,
      e.down_digest,
      e.applied_at,
      e.tool_version,
      e.duration_ms,
      e.applied_position
    from
      (
        select
          l.kind,
          l.name,
          l.action,
          l.digest,
          l.down_digest,
          first_value(l.applied_at) over applied as applied_at,
          first_value(l.tool_version) over applied as tool_version,
          first_value(l.duration_ms) over applied as duration_ms,
          first_value(
            case
              when l.action in ('up', 'apply') then l.ledger_id
            end
          ) over applied as applied_position,
          row_number() over (
            partition by l.kind, l.name
            order by l.ledger_id desc
          ) as age
        from schema_ledger as l
        where l.action in ('up', 'down', 'apply', 'drop', 'bless')
        window
          applied as (
            partition by l.kind, l.name
            order by
              case
                when l.action in ('up', 'apply') then 0
                else 1
              end,
              l.ledger_id desc
          )
      ) as e
    where
      e.age = 1
      and e.action in ('up', 'apply', 'bless')
      and e.applied_position is not null
  )
select f.name
from in_force as f;
