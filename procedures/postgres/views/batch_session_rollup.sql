-- batch_session_rollup: what the events of one batch add up to, by session.
--
-- Reads:   ingest_batches; event_contributions over the batch's key range
-- Needs:   event_contributions
-- Differs: the key of an event is made once for its five uses, behind an OFFSET 0.
--
-- An earliest-wins value is picked by the least time and digest in front of it; 59 characters of key, then the value.
create or replace view batch_session_rollup as
  select
    p.batch_id,
    p.session_id,
    right(p.source_ip_pick, -59) as source_ip,
    left(p.source_ip_pick, 59) as source_ip_key,
    p.source_ip_least,
    p.source_ip_greatest,
    right(p.sensor_pick, -59) as sensor,
    left(p.sensor_pick, 59) as sensor_key,
    p.sensor_least,
    p.sensor_greatest,
    right(p.protocol_pick, -59) as protocol,
    left(p.protocol_pick, 59) as protocol_key,
    right(p.client_version_pick, -59) as client_version,
    left(p.client_version_pick, 59) as client_version_key,
    right(p.hassh_pick, -59) as hassh,
    left(p.hassh_pick, 59) as hassh_key,
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
    (
      select
        b.batch_id,
        c.session_id,
        min(k.event_key || c.source_ip) as source_ip_pick,
        min(c.source_ip) as source_ip_least,
        max(c.source_ip) as source_ip_greatest,
        min(k.event_key || c.sensor) as sensor_pick,
        min(c.sensor) as sensor_least,
        max(c.sensor) as sensor_greatest,
        min(k.event_key || c.protocol) as protocol_pick,
        min(
          case
            when c.client_version is not null then k.event_key || c.client_version
          end
        ) as client_version_pick,
        min(
          case
            when c.hassh is not null then k.event_key || c.hassh
          end
        ) as hassh_pick,
        bool_or(c.event_type = 'cowrie.session.connect') as has_connect,
        bool_or(c.has_session_field) as has_session_field,
        min(c.occurred_at) as first_event_at,
        max(c.occurred_at) as last_event_at,
        max(c.reported_duration_ms) as reported_duration_ms,
        count(*) filter (
          where c.event_type = 'cowrie.session.closed'
        ) as closed_count,
        count(*) as event_count,
        count(*) filter (
          where c.event_type = 'cowrie.command.input'
        ) as command_inputs,
        count(*) filter (
          where c.event_type = 'cowrie.command.success'
        ) as command_successes,
        count(*) filter (
          where c.event_type = 'cowrie.command.failed'
        ) as command_failures,
        count(*) filter (
          where c.event_type in ('cowrie.login.success', 'cowrie.login.failed')
        ) as login_attempts,
        count(*) filter (
          where c.event_type = 'cowrie.login.success'
        ) as login_successes,
        count(*) filter (
          where c.event_type = 'cowrie.session.file_download'
        ) as file_downloads,
        count(*) filter (
          where c.event_type = 'cowrie.session.file_upload'
        ) as file_uploads,
        count(*) filter (
          where c.event_type = 'cowrie.command.input' and c.writes_ssh_key
        ) as ssh_key_inputs,
        count(*) filter (
          where c.event_type = 'cowrie.command.success' and c.writes_ssh_key
        ) as ssh_key_successes,
        count(*) filter (
          where c.event_type = 'cowrie.command.failed' and c.writes_ssh_key
        ) as ssh_key_failures,
        greatest(max(c.line_risk), max(c.field_risk)) as risk_score
      from
        ingest_batches as b
        join event_contributions as c
          on c.event_id >= b.batch_id * 1048576
          and c.event_id < (b.batch_id + 1) * 1048576
        cross join lateral (select c.event_key offset 0) as k
      where c.session_id != ''
      group by b.batch_id, c.session_id
    ) as p;
