-- session_recount: what a session's summary must be, counted from its events at once.
--
-- Reads:   event_contributions, all events of a session whatever batch they are of
-- Calls:   time_text, pick_key
-- Needs:   event_contributions, pick_key
-- Differs: booleans are BOOLEAN; duration_seconds is stored here; the time in front of a pick is in its binary form, as session_picks
--          has it.
--
-- It shares nothing with the folding of batches but how a key is written. Asked for some sessions it reads their events alone. It is long for a line
-- or more a column: one pass over the events must give them all, and a second view would only name them all again.
create or replace view session_recount as
  select
    p.session_id,
    right(p.source_ip_pick, -48) as source_ip,
    pick_key(p.source_ip_pick, f.first_order, f.first_text) as source_ip_key,
    right(p.sensor_pick, -48) as sensor,
    pick_key(p.sensor_pick, f.first_order, f.first_text) as sensor_key,
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
    p.has_connect,
    p.has_closed,
    p.has_session_field,
    p.source_ip_least,
    p.source_ip_greatest,
    p.sensor_least,
    p.sensor_greatest,
    p.first_event_at,
    p.last_event_at,
    p.reported_duration_ms,
    p.event_count,
    p.closed_count,
    p.command_inputs,
    p.ssh_key_inputs,
    p.command_successes,
    p.ssh_key_successes,
    p.command_failures,
    p.ssh_key_failures,
    p.login_attempts,
    p.login_successes,
    p.file_downloads,
    p.file_uploads,
    p.risk_score,
    case
      when p.has_connect
      and p.has_closed then 'full_delimited'
      when p.has_session_field then 'session_id_only'
      else 'event_session'
    end as matcher,
    coalesce(p.source_ip_least != p.source_ip_greatest, false)
    or coalesce(p.sensor_least != p.sensor_greatest, false) as is_collision,
    case
      when p.command_inputs > 0 then p.command_inputs
      else p.command_successes + p.command_failures
    end as command_count,
    case
      when p.command_inputs > 0 then p.ssh_key_inputs
      else p.ssh_key_successes + p.ssh_key_failures
    end as ssh_key_injections,
    cast(
      round(
        extract(epoch from p.last_event_at - p.first_event_at),
        6
      ) as double precision
    ) as duration_seconds
  from
    (
      select
        c.session_id,
        min(
          case
            when c.source_ip is not null then c.event_order || c.source_ip
          end
        ) as source_ip_pick,
        min(
          case
            when c.sensor is not null then c.event_order || c.sensor
          end
        ) as sensor_pick,
        min(
          case
            when c.protocol is not null then c.event_order || c.protocol
          end
        ) as protocol_pick,
        min(
          case
            when c.client_version is not null then c.event_order || c.client_version
          end
        ) as client_version_pick,
        min(
          case
            when c.hassh is not null then c.event_order || c.hassh
          end
        ) as hassh_pick,
        bool_or(c.event_type = 'cowrie.session.connect') as has_connect,
        bool_or(c.event_type = 'cowrie.session.closed') as has_closed,
        bool_or(c.has_session_field) as has_session_field,
        min(c.source_ip) as source_ip_least,
        max(c.source_ip) as source_ip_greatest,
        min(c.sensor) as sensor_least,
        max(c.sensor) as sensor_greatest,
        min(c.occurred_at) as first_event_at,
        max(c.occurred_at) as last_event_at,
        max(c.reported_duration_ms) as reported_duration_ms,
        count(*) as event_count,
        count(
          case
            when c.event_type = 'cowrie.session.closed' then 1
          end
        ) as closed_count,
        count(
          case
            when c.event_type = 'cowrie.command.input' then 1
          end
        ) as command_inputs,
        count(
          case
            when c.event_type = 'cowrie.command.input'
            and c.writes_ssh_key then 1
          end
        ) as ssh_key_inputs,
        count(
          case
            when c.event_type = 'cowrie.command.success' then 1
          end
        ) as command_successes,
        count(
          case
            when c.event_type = 'cowrie.command.success'
            and c.writes_ssh_key then 1
          end
        ) as ssh_key_successes,
        count(
          case
            when c.event_type = 'cowrie.command.failed' then 1
          end
        ) as command_failures,
        count(
          case
            when c.event_type = 'cowrie.command.failed'
            and c.writes_ssh_key then 1
          end
        ) as ssh_key_failures,
        count(
          case
            when c.event_type in (
              'cowrie.login.success',
              'cowrie.login.failed'
            ) then 1
          end
        ) as login_attempts,
        count(
          case
            when c.event_type = 'cowrie.login.success' then 1
          end
        ) as login_successes,
        count(
          case
            when c.event_type = 'cowrie.session.file_download' then 1
          end
        ) as file_downloads,
        count(
          case
            when c.event_type = 'cowrie.session.file_upload' then 1
          end
        ) as file_uploads,
        greatest(max(c.line_risk), max(c.field_risk)) as risk_score
      from
        (
          select
            e.session_id,
            e.occurred_at,
            e.event_type,
            e.source_ip,
            e.sensor,
            e.protocol,
            e.client_version,
            e.hassh,
            e.has_session_field,
            e.writes_ssh_key,
            e.reported_duration_ms,
            e.line_risk,
            e.field_risk,
            encode(
              timestamptz_send(
                e.occurred_at + interval '17544000 hours'
              ) || e.line_digest,
              'hex'
            ) collate "C" as event_order
          from event_contributions as e
          where e.session_id != ''
        ) as c
      group by c.session_id
    ) as p
    cross join lateral (
      select
        time_text(p.first_event_at) as first_text,
        encode(
          timestamptz_send(p.first_event_at + interval '17544000 hours'),
          'hex'
        ) as first_order
      offset 0
    ) as f;
