-- restore_session: puts the derived rows of a session in the archive in the place of those that are there.
--
-- Takes:  repair_id; session_id
-- Reads:  repaired_summaries; repaired_commands; repaired_files
-- Writes: session_summaries; command_stats; session_files
-- Fails:  never
-- Differs: a view with an INSTEAD OF trigger; postgres has a function. A summary gets its rowid back where that is free.
--
-- Called by undo_repair alone. Generated columns are given no value, so the lists of columns go without saying.
create view restore_session as
  select
    cast(null as integer) as repair_id,
    cast(null as text) as session_id
  where false;

create trigger tr_restore_session_instead_of_insert
instead of insert on restore_session
begin
  delete from session_files where session_id = new.session_id;

  delete from command_stats where session_id = new.session_id;

  delete from session_summaries where session_id = new.session_id;

  insert into session_summaries
  select
    a.session_id,
    a.source_ip,
    a.source_ip_key,
    a.source_ip_least,
    a.source_ip_greatest,
    a.sensor,
    a.sensor_key,
    a.sensor_least,
    a.sensor_greatest,
    a.protocol,
    a.protocol_key,
    a.client_version,
    a.client_version_key,
    a.hassh,
    a.hassh_key,
    a.has_connect,
    a.has_closed,
    a.has_session_field,
    a.first_event_at,
    a.last_event_at,
    a.reported_duration_ms,
    a.closed_count,
    a.event_count,
    a.command_inputs,
    a.command_successes,
    a.command_failures,
    a.login_attempts,
    a.login_successes,
    a.file_downloads,
    a.file_uploads,
    a.ssh_key_inputs,
    a.ssh_key_successes,
    a.ssh_key_failures,
    a.risk_score,
    a.vt_flagged,
    a.dshield_flagged,
    a.snapshot_asn,
    a.snapshot_country,
    a.snapshot_ip_type,
    a.snapshot_status,
    a.enrichment,
    a.enrichment_at,
    a.snapshot_job_id,
    a.created_at,
    a.updated_at
  from repaired_summaries as a
  where a.repair_id = new.repair_id;

  update session_summaries
  set rowid = a.summary_id
  from repaired_summaries as a
  where
    a.repair_id = new.repair_id
    and session_summaries.session_id = a.session_id
    and not exists (
      select 1 from session_summaries as s where s.rowid = a.summary_id
    );

  insert into command_stats
  select
    a.session_id,
    a.command,
    a.inputs,
    a.successes,
    a.failures,
    a.first_seen,
    a.last_seen,
    a.high_risk
  from repaired_commands as a
  where a.repair_id = new.repair_id;

  insert into session_files
  select
    a.session_id,
    a.shasum,
    a.url,
    a.url_key,
    a.file_name,
    a.file_name_key,
    a.first_seen,
    a.occurrences
  from repaired_files as a
  where a.repair_id = new.repair_id;
end;
