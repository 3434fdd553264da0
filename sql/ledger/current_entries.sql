-- The last word of the ledger on every migration and procedure of the store that is in force.
--
-- Migrations of somebody's own folder are named OWNER/NNNN_name, and are no business of the store.
--
-- Returns: many
-- With: in_force
-- Not null: applied_at, tool_version, duration_ms, applied_position

select
  f.kind,
  f.name,
  f.digest,
  f.down_digest,
  f.applied_at,
  f.tool_version,
  f.duration_ms,
  f.applied_position
from in_force as f
where f.kind = 'procedure' or f.name not like '%/%'
order by f.kind, f.name;
