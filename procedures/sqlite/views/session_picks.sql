-- session_picks: what all events of each session that has a summary add up to, with the earliest values still in their picks.
--
-- Reads:   session_summaries, whose rows say which sessions; event_contributions; risk_rules
-- Needs:   event_contributions
-- Differs: picks by event_key, 59 characters and then the value; grouped by the rowid alone; booleans are 0 or 1.
--
-- A value that nearly every event has is picked from the events up to the time that the summary has for it: of these alone
-- the key is made. The earliest value is among them where one is; where none is, though the summary says so, all are asked.
-- The type is compared here, not in a column of event_contributions: of a column that is an expression SQLite makes a value
-- first, and these are most of its steps (measured on 1.42 million sessions: 37 µs each, now 28). So are the scores: most
-- types have no rule.
create view session_picks as
  select
    k.rowid as summary_id,
    k.session_id,
    k.first_event_at as stored_first_at,
    case
      when k.source_ip_key is not null
      and min(c.event_key || c.source_ip) filter (
        where c.occurred_at <= coalesce(k.source_ip_key, '9')
      ) is null then (
        select min(f.event_key || f.source_ip)
        from event_contributions as f
        where f.session_id = k.session_id
      )
      else min(c.event_key || c.source_ip) filter (
        where c.occurred_at <= coalesce(k.source_ip_key, '9')
      )
    end as source_ip_pick,
    min(c.source_ip) as source_ip_least,
    max(c.source_ip) as source_ip_greatest,
    case
      when k.sensor_key is not null
      and min(c.event_key || c.sensor) filter (
        where c.occurred_at <= coalesce(k.sensor_key, '9')
      ) is null then (
        select min(f.event_key || f.sensor)
        from event_contributions as f
        where f.session_id = k.session_id
      )
      else min(c.event_key || c.sensor) filter (
        where c.occurred_at <= coalesce(k.sensor_key, '9')
      )
    end as sensor_pick,
    min(c.sensor) as sensor_least,
    max(c.sensor) as sensor_greatest,
    case
      when k.protocol_key is not null
      and min(c.event_key || c.protocol) filter (
        where c.occurred_at <= coalesce(k.protocol_key, '9')
      ) is null then (
        select min(f.event_key || f.protocol)
        from event_contributions as f
        where f.session_id = k.session_id
      )
      else min(c.event_key || c.protocol) filter (
        where c.occurred_at <= coalesce(k.protocol_key, '9')
      )
    end as protocol_pick,
    min(c.event_key || c.client_version) filter (
      where c.client_version is not null
    ) as client_version_pick,
    min(c.event_key || c.hassh) filter (
      where c.hassh is not null
    ) as hassh_pick,
    count(*) filter (
      where c.event_type = 'cowrie.session.connect'
    ) > 0 as has_connect,
    max(c.has_session_field) as has_session_field,
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
    coalesce(
      max(max(c.line_risk, c.field_risk)) filter (
        where c.event_type in (select r.event_type from risk_rules as r)
      ),
      0
    ) as risk_score
  from
    session_summaries as k
    cross join event_contributions as c on c.session_id = k.session_id
  group by k.rowid;
