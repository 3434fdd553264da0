-- archive_session: keeps the derived rows of a session as they are, for the undo of a repair.
--
-- Takes:   repair_id; session_id
-- Gives:   nothing
-- Reads:   session_summaries; command_stats; session_files
-- Writes:  repaired_summaries; repaired_commands; repaired_files
-- Fails:   never
-- Differs: sqlite has a view with an INSTEAD OF trigger.
--
-- Called by repair_session alone. Generated columns are left out; they follow from the others.
create or replace function archive_session(repair_id bigint, session_id text)
returns void
language plpgsql
set search_path from current
as $$
begin
  insert into repaired_summaries (
    repair_id,
    session_id, summary_id, source_ip, source_ip_key, source_ip_least, source_ip_greatest, sensor,
    sensor_key, sensor_least, sensor_greatest, protocol, protocol_key, client_version, client_version_key,
    hassh, hassh_key, has_connect, has_closed, has_session_field, first_event_at, last_event_at,
    reported_duration_ms, closed_count, event_count, command_inputs, command_successes, command_failures,
    login_attempts, login_successes, file_downloads, file_uploads, ssh_key_inputs, ssh_key_successes,
    ssh_key_failures, risk_score, vt_flagged, dshield_flagged, snapshot_asn, snapshot_country,
    snapshot_ip_type, snapshot_status, enrichment, enrichment_at, snapshot_job_id, created_at, updated_at
  )
  select
    archive_session.repair_id,
    s.session_id, s.summary_id, s.source_ip, s.source_ip_key, s.source_ip_least, s.source_ip_greatest,
    s.sensor, s.sensor_key, s.sensor_least, s.sensor_greatest, s.protocol, s.protocol_key, s.client_version,
    s.client_version_key, s.hassh, s.hassh_key, s.has_connect, s.has_closed, s.has_session_field,
    s.first_event_at, s.last_event_at, s.reported_duration_ms, s.closed_count, s.event_count,
    s.command_inputs, s.command_successes, s.command_failures, s.login_attempts, s.login_successes,
    s.file_downloads, s.file_uploads, s.ssh_key_inputs, s.ssh_key_successes, s.ssh_key_failures,
    s.risk_score, s.vt_flagged, s.dshield_flagged, s.snapshot_asn, s.snapshot_country, s.snapshot_ip_type,
    s.snapshot_status, s.enrichment, s.enrichment_at, s.snapshot_job_id, s.created_at, s.updated_at
  from session_summaries as s
  where s.session_id = archive_session.session_id;

  insert into repaired_commands (
    repair_id,
    session_id, command, inputs, successes, failures, first_seen, last_seen, high_risk
  )
  select
    archive_session.repair_id,
    c.session_id, c.command, c.inputs, c.successes, c.failures, c.first_seen, c.last_seen, c.high_risk
  from command_stats as c
  where c.session_id = archive_session.session_id;

  insert into repaired_files (
    repair_id,
    session_id, shasum, url, url_key, file_name, file_name_key, first_seen, occurrences
  )
  select
    archive_session.repair_id,
    f.session_id, f.shasum, f.url, f.url_key, f.file_name, f.file_name_key, f.first_seen, f.occurrences
  from session_files as f
  where f.session_id = archive_session.session_id;
end;
$$;
