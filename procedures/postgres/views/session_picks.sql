-- session_picks: what all events of each session that has a summary add up to, with the earliest values still in their picks.
--
-- Reads:   session_summaries, whose rows say which sessions; event_contributions
-- Needs:   event_contributions
-- Differs: sqlite picks by event_key, and leaves out a session without any event, whose event_count is 0 here.
--
-- stored_first_at is a sum so that no plan walks the sessions by their time.
--
-- An earliest-wins value is picked by the least time and digest in front of it: 16 and 32 hexadecimal digits, then the
-- value. The time is in its binary form, moved by 731,000 days so that no year of ours is negative: measured on
-- PostgreSQL 18, to_char took 0.8 µs an event, this takes 0.2. Each session adds up its own events, so that no statistics
-- make the planner read those of all sessions; behind the OFFSET 0 what is used twice is made once (a fifth less time).
create or replace view session_picks as
  select
    k.summary_id,
    k.session_id,
    k.first_event_at + interval '0' as stored_first_at,
    a.source_ip_pick,
    a.source_ip_least,
    a.source_ip_greatest,
    a.sensor_pick,
    a.sensor_least,
    a.sensor_greatest,
    a.protocol_pick,
    a.client_version_pick,
    a.hassh_pick,
    a.has_connect,
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
    a.risk_score
  from
    session_summaries as k
    cross join lateral (
      select
        min(e.event_order || e.source_ip) as source_ip_pick,
        min(e.source_ip) as source_ip_least,
        max(e.source_ip) as source_ip_greatest,
        min(e.event_order || e.sensor) as sensor_pick,
        min(e.sensor) as sensor_least,
        max(e.sensor) as sensor_greatest,
        min(e.event_order || e.protocol) as protocol_pick,
        min(
          case
            when e.client_version is not null then e.event_order || e.client_version
          end
        ) as client_version_pick,
        min(
          case
            when e.hassh is not null then e.event_order || e.hassh
          end
        ) as hassh_pick,
        bool_or(e.is_connect) as has_connect,
        bool_or(e.has_session_field) as has_session_field,
        min(e.occurred_at) as first_event_at,
        max(e.occurred_at) as last_event_at,
        max(e.reported_duration_ms) as reported_duration_ms,
        count(*) filter (where e.is_closed) as closed_count,
        count(*) as event_count,
        count(*) filter (where e.is_command_input) as command_inputs,
        count(*) filter (where e.is_command_success) as command_successes,
        count(*) filter (where e.is_command_failure) as command_failures,
        count(*) filter (where e.is_login_attempt) as login_attempts,
        count(*) filter (where e.is_login_success) as login_successes,
        count(*) filter (where e.is_file_download) as file_downloads,
        count(*) filter (where e.is_file_upload) as file_uploads,
        count(*) filter (
          where e.is_command_input and e.writes_ssh_key
        ) as ssh_key_inputs,
        count(*) filter (
          where e.is_command_success and e.writes_ssh_key
        ) as ssh_key_successes,
        count(*) filter (
          where e.is_command_failure and e.writes_ssh_key
        ) as ssh_key_failures,
        max(e.risk_score) as risk_score
      from
        (
          select
            c.occurred_at,
            c.source_ip,
            c.sensor,
            c.protocol,
            c.client_version,
            c.hassh,
            c.is_connect,
            c.is_closed,
            c.is_command_input,
            c.is_command_success,
            c.is_command_failure,
            c.is_login_attempt,
            c.is_login_success,
            c.is_file_download,
            c.is_file_upload,
            c.has_session_field,
            c.writes_ssh_key,
            c.reported_duration_ms,
            greatest(c.line_risk, c.field_risk) as risk_score,
            encode(
              timestamptz_send(
                c.occurred_at + interval '17544000 hours'
              ) || c.line_digest,
              'hex'
            ) collate "C" as event_order
          from event_contributions as c
          where c.session_id = k.session_id
          offset 0
        ) as e
    ) as a;
