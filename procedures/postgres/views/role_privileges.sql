-- role_privileges: every privilege that a role of the store should have, one a row.
--
-- Reads:   the catalogs
-- Differs: postgres alone; sqlite has no roles.
--
-- A trigger runs as the owner of the store, so a loader needs no right to what its seal writes. Nobody but the owner, whose
-- member the migrator is, deletes events, changes rules, settings or inventories, undoes a load or clears snapshots.
create or replace view role_privileges as
  with
    members(role_name) as (
      values
        ('cowrie_loader'),
        ('cowrie_reporter'),
        ('cowrie_reconciler')
    ),
    rules(role_name, table_names, privileges) as (
      values
        ('cowrie_reporter', '*', 'SELECT'),
        ('cowrie_reconciler', '*', 'SELECT'),
        (
          'cowrie_loader',
          'schema_ledger store_state settings event_types event_fields event_flags session_identifiers dead_letter_reasons',
          'SELECT'
        ),
        ('cowrie_loader', 'sources ingest_batches', 'SELECT INSERT UPDATE'),
        (
          'cowrie_loader',
          'raw_events batch_evidence dead_letter_events duplicate_sightings',
          'SELECT INSERT'
        ),
        (
          'cowrie_reconciler',
          'session_summaries command_stats session_files',
          'INSERT UPDATE DELETE'
        ),
        (
          'cowrie_reconciler',
          'command_scores job_failures snapshot_priors',
          'INSERT UPDATE DELETE'
        ),
        (
          'cowrie_reconciler',
          'jobs verifications runbook_runs runbook_steps',
          'INSERT UPDATE'
        ),
        (
          'cowrie_reconciler',
          'reconcile_runs reconcile_findings reconcile_ranges reconcile_days reconcile_buckets reconcile_pending_buckets',
          'INSERT UPDATE DELETE'
        ),
        (
          'cowrie_reconciler',
          'reconcile_certificates repaired_summaries repaired_commands repaired_files',
          'INSERT'
        ),
        ('cowrie_reconciler', 'repairs', 'INSERT UPDATE')
    ),
    store as (
      select n.oid, n.nspowner
      from pg_namespace as n
      where n.nspname = 'cowrie'
    ),
    routine_rules(role_name, routine_names) as (
      values
        ('cowrie_loader', 'lock_chain'),
        (
          'cowrie_reconciler',
          'lock_chain open_job take_job run_job run_job_batch advance_job end_job check_job skip_job_session restart_rebuilds'
        ),
        (
          'cowrie_reconciler',
          'backfill_snapshots fill_snapshots rebuild_summaries rebuild_command_stats rebuild_missing rebuild_new_session'
        ),
        (
          'cowrie_reconciler',
          'rebuild_range rebuild_session rebuild_sessions rebuild_strays rebuild_walk refold_sessions write_commands write_files'
        ),
        (
          'cowrie_reconciler',
          'repair_session archive_session restore_session undo_repair note_audit'
        )
    )
  select
    r.role_name,
    'table' as object_kind,
    c.relname::text as object_name,
    g.privilege
  from
    rules as r
    join store as s on true
    join pg_class as c
      on c.relnamespace = s.oid
      and c.relkind in ('r', 'p', 'v')
      and (
        r.table_names = '*'
        or c.relname::text = any (string_to_array(r.table_names, ' '))
      )
    cross join string_to_table(r.privileges, ' ') as g (privilege)
  union all
  select w.role_name, 'schema', 'cowrie', 'USAGE'
  from members as w
  union all
  select w.role_name, 'routine', p.oid::regprocedure::text, 'EXECUTE'
  from
    pg_proc as p
    join store as s on s.oid = p.pronamespace
    cross join members as w
  where
    p.prorettype != 'trigger'::regtype
    and (
      -- What writes nothing is harmless, and views and generated columns call it.
      p.provolatile in ('i', 's')
      or exists (
        select 1
        from routine_rules as r
        where
          r.role_name = w.role_name
          and p.proname::text = any (string_to_array(r.routine_names, ' '))
      )
    )
  union all
  select 'cowrie_migrator', 'role', o.rolname::text, 'MEMBER'
  from
    store as s
    join pg_roles as o on o.oid = s.nspowner
  where o.rolname != 'cowrie_migrator';
