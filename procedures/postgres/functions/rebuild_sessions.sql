-- rebuild_sessions: writes the summaries and files of a range of sessions that differ from what their events add up to.
--
-- Takes:   job_id, whose counts grow; after_id, up_to_id; from_at and to_at, of the first_event_at as stored; is_new, true where
--          the summaries were put in empty a moment ago and count as inserted
-- Gives:   nothing
-- Reads:   session_differences; raw_events
-- Writes:  session_summaries; jobs, its counts
-- Calls:   write_files, first, for a range is one of summaries as they are stored
-- Fails:   never
-- Differs: sqlite has a view with an INSTEAD OF trigger.
--
-- Called by rebuild_range alone, under the lock of the chain. Snapshots, enrichment, flags and created_at stay; a summary
-- without any event goes.
create or replace function rebuild_sessions(
  job_id bigint,
  after_id bigint,
  up_to_id bigint,
  from_at timestamptz,
  to_at timestamptz,
  is_new boolean
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
declare
  v_updated bigint;
  v_deleted bigint;
begin
  perform write_files(job_id, after_id, up_to_id, from_at, to_at);

  update session_summaries as s
  set
    source_ip = d.source_ip, source_ip_key = d.source_ip_key, source_ip_least = d.source_ip_least,
    source_ip_greatest = d.source_ip_greatest, sensor = d.sensor, sensor_key = d.sensor_key,
    sensor_least = d.sensor_least, sensor_greatest = d.sensor_greatest, protocol = d.protocol,
    protocol_key = d.protocol_key, client_version = d.client_version,
    client_version_key = d.client_version_key, hassh = d.hassh, hassh_key = d.hassh_key,
    has_connect = d.has_connect, has_closed = d.has_closed, has_session_field = d.has_session_field,
    first_event_at = d.first_event_at, last_event_at = d.last_event_at,
    reported_duration_ms = d.reported_duration_ms, closed_count = d.closed_count,
    event_count = d.event_count, command_inputs = d.command_inputs, command_successes = d.command_successes,
    command_failures = d.command_failures, login_attempts = d.login_attempts,
    login_successes = d.login_successes, file_downloads = d.file_downloads, file_uploads = d.file_uploads,
    ssh_key_inputs = d.ssh_key_inputs, ssh_key_successes = d.ssh_key_successes,
    ssh_key_failures = d.ssh_key_failures, risk_score = d.risk_score, updated_at = clock_timestamp()
  from session_differences as d
  where
    d.summary_id = s.summary_id
    and d.summary_id > after_id
    and d.summary_id <= up_to_id
    and d.stored_first_at >= from_at
    and (d.stored_first_at < to_at or to_at = 'infinity')
    and d.event_count > 0;
  get diagnostics v_updated = row_count;

  delete from session_summaries as s
  where
    s.summary_id > after_id
    and s.summary_id <= up_to_id
    and s.first_event_at + interval '0' >= from_at
    and (s.first_event_at + interval '0' < to_at or to_at = 'infinity')
    and not exists (select 1 from raw_events as e where e.session_id = s.session_id);
  get diagnostics v_deleted = row_count;

  update jobs as j
  set
    rows_inserted = j.rows_inserted + case when is_new then v_updated else 0 end,
    rows_updated = j.rows_updated + case when is_new then 0 else v_updated end,
    rows_deleted = j.rows_deleted + v_deleted
  where j.job_id = rebuild_sessions.job_id;
end;
$$;
