-- session_rollup: what all events of a session add up to.
--
-- Reads:   session_picks
-- Calls:   time_text, order_time
-- Needs:   session_picks
-- Differs: the time of a key is written out only here, and once where it is that of the first event.
create or replace view session_rollup as
  select
    p.summary_id,
    p.session_id,
    p.stored_first_at,
    right(p.source_ip_pick, -48) as source_ip,
    case left(p.source_ip_pick, 16)
      when f.first_order then f.first_text
      else time_text(order_time(p.source_ip_pick))
    end || substr(p.source_ip_pick, 17, 32) as source_ip_key,
    p.source_ip_least,
    p.source_ip_greatest,
    right(p.sensor_pick, -48) as sensor,
    case left(p.sensor_pick, 16)
      when f.first_order then f.first_text
      else time_text(order_time(p.sensor_pick))
    end || substr(p.sensor_pick, 17, 32) as sensor_key,
    p.sensor_least,
    p.sensor_greatest,
    right(p.protocol_pick, -48) as protocol,
    case left(p.protocol_pick, 16)
      when f.first_order then f.first_text
      else time_text(order_time(p.protocol_pick))
    end || substr(p.protocol_pick, 17, 32) as protocol_key,
    right(p.client_version_pick, -48) as client_version,
    case left(p.client_version_pick, 16)
      when f.first_order then f.first_text
      else time_text(order_time(p.client_version_pick))
    end || substr(p.client_version_pick, 17, 32) as client_version_key,
    right(p.hassh_pick, -48) as hassh,
    case left(p.hassh_pick, 16)
      when f.first_order then f.first_text
      else time_text(order_time(p.hassh_pick))
    end || substr(p.hassh_pick, 17, 32) as hassh_key,
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
  from
    session_picks as p
    cross join lateral (
      select
        time_text(p.first_event_at) as first_text,
        encode(
          timestamptz_send(p.first_event_at + interval '17544000 hours'),
          'hex'
        ) as first_order
      offset 0
    ) as f;
