-- session_recount: what a session's summary must be, counted from its events at once.
--
-- Reads:   event_contributions, all events of a session whatever batch they are of
-- Needs:   event_contributions
-- Differs: booleans are 0 or 1; duration_seconds is virtual here and needs no check.
--
-- It shares nothing with the folding of batches. Asked for some sessions it reads their events alone. It is long for a line
-- or more a column: one pass over the events must give them all, and a second view would only name them all again.
create view session_recount as
  select
    p.session_id,
    substr(p.source_ip_pick, 60) as source_ip,
    substr(p.source_ip_pick, 1, 59) as source_ip_key,
    substr(p.sensor_pick, 60) as sensor,
    substr(p.sensor_pick, 1, 59) as sensor_key,
    substr(p.protocol_pick, 60) as protocol,
    substr(p.protocol_pick, 1, 59) as protocol_key,
    substr(p.client_version_pick, 60) as client_version,
    substr(p.client_version_pick, 1, 59) as client_version_key,
    substr(p.hassh_pick, 60) as hassh,
    substr(p.hassh_pick, 1, 59) as hassh_key,
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
    coalesce(p.source_ip_least != p.source_ip_greatest, 0)
    or coalesce(p.sensor_least != p.sensor_greatest, 0) as is_collision,
    case
      when p.command_inputs > 0 then p.command_inputs
      else p.command_successes + p.command_failures
    end as command_count,
    case
      when p.command_inputs > 0 then p.ssh_key_inputs
      else p.ssh_key_successes + p.ssh_key_failures
    end as ssh_key_injections
  from
    (
      select
        c.session_id,
        min(
          case
            when c.source_ip is not null then c.event_key || c.source_ip
          end
        ) as source_ip_pick,
        min(
          case
            when c.sensor is not null then c.event_key || c.sensor
          end
        ) as sensor_pick,
        min(
          case
            when c.protocol is not null then c.event_key || c.protocol
          end
        ) as protocol_pick,
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
        max(c.event_type = 'cowrie.session.connect') as has_connect,
        max(c.event_type = 'cowrie.session.closed') as has_closed,
        max(c.has_session_field) as has_session_field,
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
        max(max(c.line_risk), max(c.field_risk)) as risk_score
      from event_contributions as c
      where c.session_id != ''
      group by c.session_id
    ) as p;
