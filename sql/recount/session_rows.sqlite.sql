-- A page of session summaries in canonical form, in key order.
--
-- Returns: many

select
  t.session_id,
  t.source_ip,
  t.source_ip_key,
  t.source_ip_least,
  t.source_ip_greatest,
  t.sensor,
  t.sensor_key,
  t.sensor_least,
  t.sensor_greatest,
  t.protocol,
  t.protocol_key,
  t.client_version,
  t.client_version_key,
  t.hassh,
  t.hassh_key,
  t.has_connect,
  t.has_closed,
  t.has_session_field,
  t.matcher,
  t.is_collision,
  t.first_event_at,
  t.last_event_at,
  t.duration_seconds,
  t.reported_duration_ms,
  t.closed_count,
  t.event_count,
  t.command_inputs,
  t.command_successes,
  t.command_failures,
  t.command_count,
  t.login_attempts,
  t.login_successes,
  t.file_downloads,
  t.file_uploads,
  t.ssh_key_inputs,
  t.ssh_key_successes,
  t.ssh_key_failures,
  t.ssh_key_injections,
  t.risk_score
from session_summaries as t
where t.session_id > :after_session
order by t.session_id
limit :row_limit;
