-- Every column of every table of the store, from the catalogs, with what a copy into the other engine makes of it.
--
-- Returns: many
-- Not null: table_name, column_name, type_name, is_generated, key_position, is_rowid, reason
--
-- key_position counts from 1 within the primary key; 0 for other columns. A reason says why a column is not copied; '' for one
-- that is.
-- Differs: sqlite has other exceptions, and a rowid.

with
  exceptions(table_name, column_name, reason) as (
    values
      -- Each store's own: what was done to it, not what it holds.
      ('schema_ledger', '', 'each store has its own'),
      ('store_state', '', 'each store has its own'),
      ('hydrations', '', 'each store has its own'),
      ('hydration_chunks', '', 'each store has its own'),
      ('hydration_objects', '', 'each store has its own'),
      ('hydration_quarantine', '', 'each store has its own'),
      ('hydration_journal', '', 'each store has its own'),
      ('runbook_runs', '', 'each store has its own'),
      ('runbook_steps', '', 'each store has its own'),
      -- A btree entry ends at 2,704 bytes, so a key has the digest of a command in place of the command.
      ('command_scores', 'command_digest', 'computed from command'),
      ('command_stats', 'command_digest', 'computed from command'),
      ('repaired_commands', 'command_digest', 'computed from command')
  )
select
  cast(c.relname as text) as table_name,
  cast(a.attname as text) as column_name,
  format_type(a.atttypid, a.atttypmod) as type_name,
  cast(a.attgenerated != '' as integer) as is_generated,
  cast(
    coalesce(array_position(k.conkey, a.attnum), 0) as integer
  ) as key_position,
  0 as is_rowid,
  coalesce(e.reason, '') as reason
from
  pg_class as c
  join pg_attribute as a
    on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
  left join pg_constraint as k on k.conrelid = c.oid and k.contype = 'p'
  left join exceptions as e
    on e.table_name = c.relname and e.column_name in ('', a.attname)
where
  c.relnamespace = cast('cowrie' as regnamespace)
  and c.relkind in ('r', 'p')
order by
  cast(c.relname as text) collate "C",
  cast(a.attname as text) collate "C";
