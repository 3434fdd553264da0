-- Every column of every table of the store, from the catalogs, with what a copy into the other engine makes of it.
--
-- Returns: many
-- Not null: table_name, column_name, type_name, is_generated, key_position, is_rowid, reason
--
-- key_position counts from 1 within the key that chunks are cut by: the rowid where the other engine has it as a column, else the
-- primary key; 0 for other columns. A reason says why a column is not copied; '' for one that is.
-- Differs: postgres has other exceptions, and no rowid.

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
      -- Who writes, while a command does; postgres has a setting of the session.
      ('audit_context', '', 'only while a command writes'),
      -- No row can ever be in it: what refers to it cannot be committed. postgres has a constraint trigger.
      ('unsealed_batches', '', 'always empty'),
      ('ingest_batches', 'unsealed_batch_id', 'refers to unsealed_batches'),
      ('undo_sessions', 'unfinished_batch_id', 'refers to unsealed_batches'),
      -- JSONB keeps numbers by value; here a duration is read from the text of its number.
      ('raw_events', 'duration_text', 'a step of duration_ms')
  ),
  rowids(table_name, column_name) as (
    -- Batches of jobs walk in the order of the rowid; in postgres that is a column.
    values ('session_summaries', 'summary_id')
  ),
  tables as (
    select t.name, r.column_name as rowid_column
    from
      pragma_table_list as t
      left join rowids as r on r.table_name = t.name
    where
      t.schema = 'main'
      and t.type = 'table'
      and t.name not like 'sqlite~_%' escape '~'
  ),
  columns as (
    select
      t.name as table_name,
      x.name as column_name,
      lower(x.type) as type_name,
      x.hidden > 0 as is_generated,
      case
        when t.rowid_column is null then x.pk
        else 0
      end as key_position,
      0 as is_rowid
    from
      tables as t
      join pragma_table_xinfo(t.name) as x
    union all
    select t.name, t.rowid_column, 'integer', 0, 1, 1
    from tables as t
    where t.rowid_column is not null
  )
select
  c.table_name,
  c.column_name,
  c.type_name,
  c.is_generated,
  c.key_position,
  c.is_rowid,
  coalesce(e.reason, '') as reason
from
  columns as c
  left join exceptions as e
    on e.table_name = c.table_name and e.column_name in ('', c.column_name)
order by c.table_name, c.column_name;
