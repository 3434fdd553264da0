-- archive_session: keeps the derived rows of a session as they are, for the undo of a repair.
--
-- Takes:  repair_id; session_id
-- Reads:  session_summaries; command_stats; session_files
-- Writes: repaired_summaries; repaired_commands; repaired_files
-- Fails:  never
-- Differs: a view with an INSTEAD OF trigger; postgres has a function.
--
-- Called by repair_session alone. Generated columns are left out; they follow from the others.
create view archive_session as
  select
    cast(null as integer) as repair_id,
    cast(null as text) as session_id
  where false;

create trigger tr_archive_session_instead_of_insert
instead of insert on archive_session
begin
  insert into repaired_summaries
  select
    new.repair_id,
    s.session_id,
    s.rowid,
    s.source_ip,
    s.source_ip_key,
    s.source_ip_least,
    s.source_ip_greatest,
    s.sensor,
    s.sensor_key,
    s.sensor_least,
    s.sensor_greatest,
    s.protocol,
    s.protocol_key,
    s.client_version,
    s.client_version_key,
    s.hassh,
    s.hassh_key,
    s.has_connect,
    s.has_closed,
    s.has_session_field,
    s.first_event_at,
    s.last_event_at,
    s.reported_duration_ms,
    s.closed_count,
    s.event_count,
    s.command_inputs,
    s.command_successes,
    s.command_failures,
    s.login_attempts,
    s.login_successes,
    s.file_downloads,
    s.file_uploads,
    s.ssh_key_inputs,
    s.ssh_key_successes,
    s.ssh_key_failures,
    s.risk_score,
    s.vt_flagged,
    s.dshield_flagged,
    s.snapshot_asn,
    s.snapshot_country,
    s.snapshot_ip_type,
    s.snapshot_status,
    s.enrichment,
    s.enrichment_at,
    s.snapshot_job_id,
    s.created_at,
    s.updated_at
  from session_summaries as s
  where s.session_id = new.session_id;

  insert into repaired_commands
  select
    new.repair_id,
    c.session_id,
    c.command,
    c.inputs,
    c.successes,
    c.failures,
    c.first_seen,
    c.last_seen,
    c.high_risk
  from command_stats as c
  where c.session_id = new.session_id;

  insert into repaired_files
  select
    new.repair_id,
    f.session_id,
    f.shasum,
    f.url,
    f.url_key,
    f.file_name,
    f.file_name_key,
    f.first_seen,
    f.occurrences
  from session_files as f
  where f.session_id = new.session_id;
end;
