-- batch_session_rollup: what the events of one batch add up to, by session.
--
-- Reads:   batch_session_picks
-- Needs:   batch_session_picks
-- Differs: booleans are 0 or 1.
--
-- An earliest-wins value is picked by the least time and digest in front of it; 59 characters of key, then the value.
create view batch_session_rollup as
  select
    p.batch_id,
    p.session_id,
    substr(p.source_ip_pick, 60) as source_ip,
    substr(p.source_ip_pick, 1, 59) as source_ip_key,
    p.source_ip_least,
    p.source_ip_greatest,
    substr(p.sensor_pick, 60) as sensor,
    substr(p.sensor_pick, 1, 59) as sensor_key,
    p.sensor_least,
    p.sensor_greatest,
    substr(p.protocol_pick, 60) as protocol,
    substr(p.protocol_pick, 1, 59) as protocol_key,
    substr(p.client_version_pick, 60) as client_version,
    substr(p.client_version_pick, 1, 59) as client_version_key,
    substr(p.hassh_pick, 60) as hassh,
    substr(p.hassh_pick, 1, 59) as hassh_key,
    p.closed_count > 0 as has_closed,
    p.has_connect,
    p.has_session_field,
    p.first_event_at,
    p.last_event_at,
    p.reported_duration_ms,
    p.closed_count,
    p.event_count,
    p.command_inputs,
    p.command_successes,
    p.command_failures,
    p.login_attempts,
    p.login_successes,
    p.file_downloads,
    p.file_uploads,
    p.ssh_key_inputs,
    p.ssh_key_successes,
    p.ssh_key_failures,
    p.risk_score
  from batch_session_picks as p;
