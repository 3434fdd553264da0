-- session_differences: summaries that are not what their events add up to, with the values they should have.
--
-- Reads:   session_comparisons
-- Needs:   session_comparisons
-- Differs: postgres compares here; there a summary without any event is here too.
--
-- A summary without any event is not here; it has nothing to become. Asked for a range of summary_id it reads the events of
-- those sessions alone.
create view session_differences as
  select
    c.summary_id,
    c.session_id,
    c.stored_first_at,
    c.source_ip,
    c.source_ip_key,
    c.source_ip_least,
    c.source_ip_greatest,
    c.sensor,
    c.sensor_key,
    c.sensor_least,
    c.sensor_greatest,
    c.protocol,
    c.protocol_key,
    c.client_version,
    c.client_version_key,
    c.hassh,
    c.hassh_key,
    c.has_connect,
    c.has_closed,
    c.has_session_field,
    c.first_event_at,
    c.last_event_at,
    c.reported_duration_ms,
    c.closed_count,
    c.event_count,
    c.command_inputs,
    c.command_successes,
    c.command_failures,
    c.login_attempts,
    c.login_successes,
    c.file_downloads,
    c.file_uploads,
    c.ssh_key_inputs,
    c.ssh_key_successes,
    c.ssh_key_failures,
    c.risk_score
  from session_comparisons as c
  where c.differs;
