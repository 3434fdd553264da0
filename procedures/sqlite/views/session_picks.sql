-- session_picks: what all events of each session that has a summary add up to, with the earliest values still in their picks.
--
-- Reads:   session_summaries, whose rows say which sessions; event_contributions
-- Needs:   event_contributions
-- Differs: picks by event_key, 59 characters and then the value; booleans are 0 or 1.
create view session_picks as
  select
    k.rowid as summary_id,
    k.session_id,
    k.first_event_at as stored_first_at,
    min(c.event_key || c.source_ip) as source_ip_pick,
    min(c.source_ip) as source_ip_least,
    max(c.source_ip) as source_ip_greatest,
    min(c.event_key || c.sensor) as sensor_pick,
    min(c.sensor) as sensor_least,
    max(c.sensor) as sensor_greatest,
    min(c.event_key || c.protocol) as protocol_pick,
    min(
      case
        when c.client_version is not null then c.event_key || c.client_version
      end
    ) as client_version_pick,
    min(
      case
        when c.hassh is not null then c.event_key || c.hassh
      end
    ) as hassh_pick,
    max(c.is_connect) as has_connect,
    max(c.has_session_field) as has_session_field,
    min(c.occurred_at) as first_event_at,
    max(c.occurred_at) as last_event_at,
    max(c.reported_duration_ms) as reported_duration_ms,
    count(*) filter (where c.is_closed) as closed_count,
    count(*) as event_count,
    count(*) filter (where c.is_command_input) as command_inputs,
    count(*) filter (where c.is_command_success) as command_successes,
    count(*) filter (where c.is_command_failure) as command_failures,
    count(*) filter (where c.is_login_attempt) as login_attempts,
    count(*) filter (where c.is_login_success) as login_successes,
    count(*) filter (where c.is_file_download) as file_downloads,
    count(*) filter (where c.is_file_upload) as file_uploads,
    count(*) filter (
      where c.is_command_input and c.writes_ssh_key
    ) as ssh_key_inputs,
    count(*) filter (
      where c.is_command_success and c.writes_ssh_key
    ) as ssh_key_successes,
    count(*) filter (
      where c.is_command_failure and c.writes_ssh_key
    ) as ssh_key_failures,
    max(max(c.line_risk), max(c.field_risk)) as risk_score
  from
    session_summaries as k
    cross join event_contributions as c on c.session_id = k.session_id
  group by k.rowid, k.session_id, k.first_event_at;
