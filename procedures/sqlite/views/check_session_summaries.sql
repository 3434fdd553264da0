-- check_session_summaries: session summaries that are not what the events of the session add up to; rows are violations.
--
-- Reads:   session_recount, session_summaries
-- Needs:   session_recount
-- Differs: from postgres in nothing but the spelling.
--
-- column_name is empty where a whole row is missing or has no events. Asked for some sessions it reads them alone.
-- It is long for the formatter, which gives each of the names and values of json_object a line; SQLite cannot make an object of a row.
create view check_session_summaries as
  select
    j.session_id,
    k.key as column_name,
    case
      when j.is_missing then null
      else j.stored ->> k.key
    end as stored,
    case
      when j.is_missing then 'a row'
      else k.value
    end as expected
  from
    (
      select
        r.session_id,
        s.session_id is null as is_missing,
        json_object(
          'source_ip',
          r.source_ip,
          'source_ip_key',
          r.source_ip_key,
          'sensor',
          r.sensor,
          'sensor_key',
          r.sensor_key,
          'protocol',
          r.protocol,
          'protocol_key',
          r.protocol_key,
          'client_version',
          r.client_version,
          'client_version_key',
          r.client_version_key,
          'hassh',
          r.hassh,
          'hassh_key',
          r.hassh_key,
          'has_connect',
          r.has_connect,
          'has_closed',
          r.has_closed,
          'has_session_field',
          r.has_session_field,
          'source_ip_least',
          r.source_ip_least,
          'source_ip_greatest',
          r.source_ip_greatest,
          'sensor_least',
          r.sensor_least,
          'sensor_greatest',
          r.sensor_greatest,
          'first_event_at',
          r.first_event_at,
          'last_event_at',
          r.last_event_at,
          'reported_duration_ms',
          r.reported_duration_ms,
          'event_count',
          r.event_count,
          'closed_count',
          r.closed_count,
          'command_inputs',
          r.command_inputs,
          'ssh_key_inputs',
          r.ssh_key_inputs,
          'command_successes',
          r.command_successes,
          'ssh_key_successes',
          r.ssh_key_successes,
          'command_failures',
          r.command_failures,
          'ssh_key_failures',
          r.ssh_key_failures,
          'login_attempts',
          r.login_attempts,
          'login_successes',
          r.login_successes,
          'file_downloads',
          r.file_downloads,
          'file_uploads',
          r.file_uploads,
          'risk_score',
          r.risk_score,
          'matcher',
          r.matcher,
          'is_collision',
          r.is_collision,
          'command_count',
          r.command_count,
          'ssh_key_injections',
          r.ssh_key_injections
        ) as expected,
        json_object(
          'source_ip',
          s.source_ip,
          'source_ip_key',
          s.source_ip_key,
          'sensor',
          s.sensor,
          'sensor_key',
          s.sensor_key,
          'protocol',
          s.protocol,
          'protocol_key',
          s.protocol_key,
          'client_version',
          s.client_version,
          'client_version_key',
          s.client_version_key,
          'hassh',
          s.hassh,
          'hassh_key',
          s.hassh_key,
          'has_connect',
          s.has_connect,
          'has_closed',
          s.has_closed,
          'has_session_field',
          s.has_session_field,
          'source_ip_least',
          s.source_ip_least,
          'source_ip_greatest',
          s.source_ip_greatest,
          'sensor_least',
          s.sensor_least,
          'sensor_greatest',
          s.sensor_greatest,
          'first_event_at',
          s.first_event_at,
          'last_event_at',
          s.last_event_at,
          'reported_duration_ms',
          s.reported_duration_ms,
          'event_count',
          s.event_count,
          'closed_count',
          s.closed_count,
          'command_inputs',
          s.command_inputs,
          'ssh_key_inputs',
          s.ssh_key_inputs,
          'command_successes',
          s.command_successes,
          'ssh_key_successes',
          s.ssh_key_successes,
          'command_failures',
          s.command_failures,
          'ssh_key_failures',
          s.ssh_key_failures,
          'login_attempts',
          s.login_attempts,
          'login_successes',
          s.login_successes,
          'file_downloads',
          s.file_downloads,
          'file_uploads',
          s.file_uploads,
          'risk_score',
          s.risk_score,
          'matcher',
          s.matcher,
          'is_collision',
          s.is_collision,
          'command_count',
          s.command_count,
          'ssh_key_injections',
          s.ssh_key_injections
        ) as stored
      from
        session_recount as r
        left join session_summaries as s on s.session_id = r.session_id
    ) as j
    cross join json_each(
      case
        when j.is_missing then '{"":1}'
        else j.expected
      end
    ) as k
  where
    j.stored is not j.expected
    and (j.is_missing or (j.stored ->> k.key) is not k.value)
  union all
  select s.session_id, '' as column_name, 'a row' as stored, null as expected
  from session_summaries as s
  where
    not exists (
      select 1 from raw_events as e where e.session_id = s.session_id
    );
