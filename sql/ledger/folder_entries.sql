-- The last word of the ledger on every migration of a folder of somebody's own, `OWNER/NNNN_name`, that is in force.
--
-- Returns: many
-- With: in_force
-- Not null: applied_at, tool_version, duration_ms, applied_position

select
  f.name,
  f.digest,
  f.down_digest,
  f.applied_at,
  f.tool_version,
  f.duration_ms,
  f.applied_position
from in_force as f
where f.kind = 'migration' and f.name like '%/%'
order by f.name;
