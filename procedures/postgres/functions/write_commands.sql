-- write_commands: writes the command statistics of a range of sessions that differ from what their events add up to.
--
-- Takes:   job_id, whose counts grow; after_id, up_to_id; from_at and to_at, of the first_event_at as stored
-- Gives:   nothing
-- Reads:   command_differences
-- Writes:  command_stats, in key order; jobs, its counts
-- Fails:   never
-- Differs: sqlite has a view with an INSTEAD OF trigger, and is told the counts.
--
-- Called by rebuild_range alone, where something differs, under the lock of the chain.
create or replace function write_commands(
  job_id bigint,
  after_id bigint,
  up_to_id bigint,
  from_at timestamptz,
  to_at timestamptz
)
returns void
language plpgsql
set jit = off
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
set enable_hashjoin = off
set enable_mergejoin = off
set search_path from current
as $$
begin
  with
    differing as materialized (
      select d.*
      from command_differences as d
      where
        d.summary_id > after_id
        and d.summary_id <= up_to_id
        and d.stored_first_at >= from_at
        and (d.stored_first_at < to_at or to_at = 'infinity')
    ),
    deleted as (
      delete from command_stats as t
      using differing as d
      where d.action = 'delete' and t.session_id = d.session_id and t.command = d.command
    ),
    written as (
      insert into command_stats (session_id, command, inputs, successes, failures, first_seen, last_seen, high_risk)
      select d.session_id, d.command, d.inputs, d.successes, d.failures, d.first_seen, d.last_seen, d.high_risk
      from differing as d
      where d.action <> 'delete'
      order by d.session_id, d.command
      on conflict (session_id, command_digest) do update
      set
        inputs = excluded.inputs,
        successes = excluded.successes,
        failures = excluded.failures,
        first_seen = excluded.first_seen,
        last_seen = excluded.last_seen,
        high_risk = excluded.high_risk
    )
  update jobs as j
  set
    rows_inserted = j.rows_inserted + c.inserted,
    rows_updated = j.rows_updated + c.updated,
    rows_deleted = j.rows_deleted + c.deleted
  from
    (
      select
        count(*) filter (where d.action = 'insert') as inserted,
        count(*) filter (where d.action = 'update') as updated,
        count(*) filter (where d.action = 'delete') as deleted
      from differing as d
    ) as c
  where j.job_id = write_commands.job_id;
end;
$$;
