-- session_rollup: what all events of a session add up to.
--
-- Reads:   session_picks
-- Calls:   time_text, pick_key
-- Needs:   session_picks, pick_key
-- Differs: the time of a key is written out only here, and once where it is that of the first event.
create or replace view session_rollup as
  select
    p.summary_id,
    p.session_id,
    p.stored_first_at,
    right(p.source_ip_pick, -48) as source_ip,
    pick_key(p.source_ip_pick, f.first_order, f.first_text) as source_ip_key,
    p.source_ip_least,
    p.source_ip_greatest,
    right(p.sensor_pick, -48) as sensor,
    pick_key(p.sensor_pick, f.first_order, f.first_text) as sensor_key,
    p.sensor_least,
    p.sensor_greatest,
    right(p.protocol_pick, -48) as protocol,
    pick_key(p.protocol_pick, f.first_order, f.first_text) as protocol_key,
    right(p.client_version_pick, -48) as client_version,
    pick_key(
      p.client_version_pick,
      f.first_order,
      f.first_text
    ) as client_version_key,
    right(p.hassh_pick, -48) as hassh,
    pick_key(p.hassh_pick, f.first_order, f.first_text) as hassh_key,
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
