-- restore_session: puts the derived rows of a session in the archive in the place of those that are there.
--
-- Takes:   repair_id; session_id
-- Gives:   nothing
-- Reads:   repaired_summaries; repaired_commands; repaired_files
-- Writes:  session_summaries; command_stats; session_files
-- Fails:   never
-- Differs: sqlite has a view with an INSTEAD OF trigger.
--
-- Called by undo_repair alone, under the lock of the chain.
create or replace function restore_session(repair_id bigint, session_id text)
returns void
language plpgsql
set search_path from current
as $$
begin
  delete from session_files as f where f.session_id = restore_session.session_id;
  delete from command_stats as c where c.session_id = restore_session.session_id;
  delete from session_summaries as s where s.session_id = restore_session.session_id;

  insert into session_summaries (
    session_id, summary_id, source_ip, source_ip_key, source_ip_least, source_ip_greatest, sensor,
    sensor_key, sensor_least, sensor_greatest, protocol, protocol_key, client_version, client_version_key,
    hassh, hassh_key, has_connect, has_closed, has_session_field, first_event_at, last_event_at,
    reported_duration_ms, closed_count, event_count, command_inputs, command_successes, command_failures,
    login_attempts, login_successes, file_downloads, file_uploads, ssh_key_inputs, ssh_key_successes,
    ssh_key_failures, risk_score, vt_flagged, dshield_flagged, snapshot_asn, snapshot_country,
    snapshot_ip_type, snapshot_status, enrichment, enrichment_at, snapshot_job_id, created_at, updated_at
  )
  select
    a.session_id, a.summary_id, a.source_ip, a.source_ip_key, a.source_ip_least, a.source_ip_greatest,
    a.sensor, a.sensor_key, a.sensor_least, a.sensor_greatest, a.protocol, a.protocol_key, a.client_version,
    a.client_version_key, a.hassh, a.hassh_key, a.has_connect, a.has_closed, a.has_session_field,
    a.first_event_at, a.last_event_at, a.reported_duration_ms, a.closed_count, a.event_count,
    a.command_inputs, a.command_successes, a.command_failures, a.login_attempts, a.login_successes,
    a.file_downloads, a.file_uploads, a.ssh_key_inputs, a.ssh_key_successes, a.ssh_key_failures,
    a.risk_score, a.vt_flagged, a.dshield_flagged, a.snapshot_asn, a.snapshot_country, a.snapshot_ip_type,
    a.snapshot_status, a.enrichment, a.enrichment_at, a.snapshot_job_id, a.created_at, a.updated_at
  from repaired_summaries as a
  where a.repair_id = restore_session.repair_id;

  insert into command_stats (
    session_id, command, inputs, successes, failures, first_seen, last_seen, high_risk
  )
  select
    a.session_id, a.command, a.inputs, a.successes, a.failures, a.first_seen, a.last_seen, a.high_risk
  from repaired_commands as a
  where a.repair_id = restore_session.repair_id;

  insert into session_files (
    session_id, shasum, url, url_key, file_name, file_name_key, first_seen, occurrences
  )
  select
    a.session_id, a.shasum, a.url, a.url_key, a.file_name, a.file_name_key, a.first_seen, a.occurrences
  from repaired_files as a
  where a.repair_id = restore_session.repair_id;
end;
$$;
