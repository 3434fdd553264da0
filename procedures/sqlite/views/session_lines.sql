-- session_lines: a session with its commands and files as one text, the same in both engines; no two states give the same.
--
-- Reads:   session_summaries, command_stats, session_files
-- Differs: from postgres in nothing but the spelling.
--
-- What a digest of derived rows is made of. Every text stands behind its length in bytes; NULL has none. Left out are
-- created_at, updated_at, snapshots and enrichment, which no event gives, and duration_seconds, which the two times give.
-- One concat of a hundred parts, no chain of operators: these cost SQLite half as much again, for each makes a new text.
create view session_lines as
  select
    s.session_id,
    substr(s.first_event_at, 1, 10) as day,
    s.event_count,
    concat(
      octet_length(s.session_id),
      ':',
      s.session_id,
      octet_length(s.source_ip),
      ':',
      s.source_ip,
      octet_length(s.source_ip_key),
      ':',
      s.source_ip_key,
      octet_length(s.source_ip_least),
      ':',
      s.source_ip_least,
      octet_length(s.source_ip_greatest),
      ':',
      s.source_ip_greatest,
      octet_length(s.sensor),
      ':',
      s.sensor,
      octet_length(s.sensor_key),
      ':',
      s.sensor_key,
      octet_length(s.sensor_least),
      ':',
      s.sensor_least,
      octet_length(s.sensor_greatest),
      ':',
      s.sensor_greatest,
      octet_length(s.protocol),
      ':',
      s.protocol,
      octet_length(s.protocol_key),
      ':',
      s.protocol_key,
      octet_length(s.client_version),
      ':',
      s.client_version,
      octet_length(s.client_version_key),
      ':',
      s.client_version_key,
      octet_length(s.hassh),
      ':',
      s.hassh,
      octet_length(s.hassh_key),
      ':',
      s.hassh_key,
      s.matcher,
      ' ',
      s.first_event_at,
      s.last_event_at,
      s.has_connect,
      ' ',
      s.has_closed,
      ' ',
      s.has_session_field,
      ' ',
      s.is_collision,
      ' ',
      s.reported_duration_ms,
      ' ',
      s.closed_count,
      ' ',
      s.event_count,
      ' ',
      s.command_inputs,
      ' ',
      s.command_successes,
      ' ',
      s.command_failures,
      ' ',
      s.command_count,
      ' ',
      s.login_attempts,
      ' ',
      s.login_successes,
      ' ',
      s.file_downloads,
      ' ',
      s.file_uploads,
      ' ',
      s.ssh_key_inputs,
      ' ',
      s.ssh_key_successes,
      ' ',
      s.ssh_key_failures,
      ' ',
      s.ssh_key_injections,
      ' ',
      s.risk_score,
      ' ',
      (
        select
          string_agg(
            concat(
              octet_length(c.command),
              ':',
              c.command,
              c.inputs,
              ' ',
              c.successes,
              ' ',
              c.failures,
              ' ',
              c.occurrences,
              ' ',
              c.first_seen,
              c.last_seen,
              c.high_risk
            ),
            ';'
            order by c.command
          )
        from command_stats as c
        where c.session_id = s.session_id
      ),
      '|',
      (
        select
          string_agg(
            concat(
              octet_length(f.shasum),
              ':',
              f.shasum,
              octet_length(f.url),
              ':',
              f.url,
              octet_length(f.url_key),
              ':',
              f.url_key,
              octet_length(f.file_name),
              ':',
              f.file_name,
              octet_length(f.file_name_key),
              ':',
              f.file_name_key,
              f.first_seen,
              f.occurrences
            ),
            ';'
            order by f.shasum
          )
        from session_files as f
        where f.session_id = s.session_id
      ),
      '.'
    ) as line
  from session_summaries as s;
