-- session_picks: what all events of each session that has a summary add up to, with the earliest values still in their picks.
--
-- Reads:   session_summaries, whose rows say which sessions; event_contributions
-- Needs:   event_contributions
-- Differs: sqlite picks by event_key.
--
-- stored_first_at is a sum so that no plan walks the sessions by their time.
--
-- An earliest-wins value is picked by the least time and digest in front of it: 16 and 32 hexadecimal digits, then the
-- value. The time is in its binary form, moved by 731,000 days so that no year of ours is negative: measured on
-- PostgreSQL 18, to_char took 0.8 µs an event, this takes 0.2. It is made once for its five uses, behind an OFFSET 0.
create or replace view session_picks as
  select
    k.summary_id,
    k.session_id,
    k.first_event_at + interval '0' as stored_first_at,
    min(o.event_order || c.source_ip) as source_ip_pick,
    min(c.occurred_at) filter (where c.source_ip is not null) as source_ip_at,
    min(c.source_ip) as source_ip_least,
    max(c.source_ip) as source_ip_greatest,
    min(o.event_order || c.sensor) as sensor_pick,
    min(c.occurred_at) filter (where c.sensor is not null) as sensor_at,
    min(c.sensor) as sensor_least,
    max(c.sensor) as sensor_greatest,
    min(o.event_order || c.protocol) as protocol_pick,
    min(c.occurred_at) filter (where c.protocol is not null) as protocol_at,
    min(
      case
        when c.client_version is not null then o.event_order || c.client_version
      end
    ) as client_version_pick,
    min(c.occurred_at) filter (
      where c.client_version is not null
    ) as client_version_at,
    min(
      case
        when c.hassh is not null then o.event_order || c.hassh
      end
    ) as hassh_pick,
    min(c.occurred_at) filter (where c.hassh is not null) as hassh_at,
    bool_or(c.is_connect) as has_connect,
    bool_or(c.has_session_field) as has_session_field,
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
    greatest(max(c.line_risk), max(c.field_risk)) as risk_score
  from
    session_summaries as k
    join event_contributions as c on c.session_id = k.session_id
    cross join lateral (
      select
        encode(
          timestamptz_send(
            c.occurred_at + interval '17544000 hours'
          ) || c.line_digest,
          'hex'
        ) collate "C" as event_order
      offset 0
    ) as o
  group by k.summary_id, k.session_id, k.first_event_at;
