-- fold_sessions: adds the events of one batch to the summaries of their sessions.
--
-- Takes:  batch_id, inserted as a row; undo_only, 1 to add only the sessions of undo_sessions
-- Reads:  batch_session_rollup; undo_sessions
-- Writes: session_summaries, in key order
-- Fails:  never
-- Differs: a view with an INSTEAD OF trigger; postgres has a function.
--
-- Called by fold_batch alone.
create view fold_sessions as
  select cast(null as integer) as batch_id, cast(null as integer) as undo_only
  where false;

create trigger tr_fold_sessions_instead_of_insert
instead of insert on fold_sessions
begin
  insert into session_summaries
    (
      session_id,
      source_ip,
      source_ip_key,
      source_ip_least,
      source_ip_greatest,
      sensor,
      sensor_key,
      sensor_least,
      sensor_greatest,
      protocol,
      protocol_key,
      client_version,
      client_version_key,
      hassh,
      hassh_key,
      has_connect,
      has_closed,
      has_session_field,
      first_event_at,
      last_event_at,
      reported_duration_ms,
      closed_count,
      event_count,
      command_inputs,
      command_successes,
      command_failures,
      login_attempts,
      login_successes,
      file_downloads,
      file_uploads,
      ssh_key_inputs,
      ssh_key_successes,
      ssh_key_failures,
      risk_score
    )
  select
    r.session_id,
    r.source_ip,
    r.source_ip_key,
    r.source_ip_least,
    r.source_ip_greatest,
    r.sensor,
    r.sensor_key,
    r.sensor_least,
    r.sensor_greatest,
    r.protocol,
    r.protocol_key,
    r.client_version,
    r.client_version_key,
    r.hassh,
    r.hassh_key,
    r.has_connect,
    r.has_closed,
    r.has_session_field,
    r.first_event_at,
    r.last_event_at,
    r.reported_duration_ms,
    r.closed_count,
    r.event_count,
    r.command_inputs,
    r.command_successes,
    r.command_failures,
    r.login_attempts,
    r.login_successes,
    r.file_downloads,
    r.file_uploads,
    r.ssh_key_inputs,
    r.ssh_key_successes,
    r.ssh_key_failures,
    r.risk_score
  from batch_session_rollup as r
  where
    r.batch_id = new.batch_id
    and (
      new.undo_only is null
      or r.session_id in (select u.session_id from undo_sessions as u)
    )
  on conflict (session_id) do update
    set
      source_ip = case
        when excluded.source_ip_key < coalesce(
          session_summaries.source_ip_key,
          '~'
        ) then excluded.source_ip
        else session_summaries.source_ip
      end,
      source_ip_key = min(
        coalesce(excluded.source_ip_key, session_summaries.source_ip_key),
        coalesce(session_summaries.source_ip_key, excluded.source_ip_key)
      ),
      source_ip_least = min(
        coalesce(excluded.source_ip_least, session_summaries.source_ip_least),
        coalesce(session_summaries.source_ip_least, excluded.source_ip_least)
      ),
      source_ip_greatest = max(
        coalesce(
          excluded.source_ip_greatest,
          session_summaries.source_ip_greatest
        ),
        coalesce(
          session_summaries.source_ip_greatest,
          excluded.source_ip_greatest
        )
      ),
      sensor = case
        when excluded.sensor_key < coalesce(
          session_summaries.sensor_key,
          '~'
        ) then excluded.sensor
        else session_summaries.sensor
      end,
      sensor_key = min(
        coalesce(excluded.sensor_key, session_summaries.sensor_key),
        coalesce(session_summaries.sensor_key, excluded.sensor_key)
      ),
      sensor_least = min(
        coalesce(excluded.sensor_least, session_summaries.sensor_least),
        coalesce(session_summaries.sensor_least, excluded.sensor_least)
      ),
      sensor_greatest = max(
        coalesce(excluded.sensor_greatest, session_summaries.sensor_greatest),
        coalesce(session_summaries.sensor_greatest, excluded.sensor_greatest)
      ),
      protocol = case
        when excluded.protocol_key < coalesce(
          session_summaries.protocol_key,
          '~'
        ) then excluded.protocol
        else session_summaries.protocol
      end,
      protocol_key = min(
        coalesce(excluded.protocol_key, session_summaries.protocol_key),
        coalesce(session_summaries.protocol_key, excluded.protocol_key)
      ),
      client_version = case
        when excluded.client_version_key < coalesce(
          session_summaries.client_version_key,
          '~'
        ) then excluded.client_version
        else session_summaries.client_version
      end,
      client_version_key = min(
        coalesce(
          excluded.client_version_key,
          session_summaries.client_version_key
        ),
        coalesce(
          session_summaries.client_version_key,
          excluded.client_version_key
        )
      ),
      hassh = case
        when excluded.hassh_key < coalesce(
          session_summaries.hassh_key,
          '~'
        ) then excluded.hassh
        else session_summaries.hassh
      end,
      hassh_key = min(
        coalesce(excluded.hassh_key, session_summaries.hassh_key),
        coalesce(session_summaries.hassh_key, excluded.hassh_key)
      ),
      has_connect = max(session_summaries.has_connect, excluded.has_connect),
      has_closed = max(session_summaries.has_closed, excluded.has_closed),
      has_session_field = max(
        session_summaries.has_session_field,
        excluded.has_session_field
      ),
      first_event_at = min(
        session_summaries.first_event_at,
        excluded.first_event_at
      ),
      last_event_at = max(
        session_summaries.last_event_at,
        excluded.last_event_at
      ),
      reported_duration_ms = max(
        coalesce(
          excluded.reported_duration_ms,
          session_summaries.reported_duration_ms
        ),
        coalesce(
          session_summaries.reported_duration_ms,
          excluded.reported_duration_ms
        )
      ),
      closed_count = session_summaries.closed_count + excluded.closed_count,
      event_count = session_summaries.event_count + excluded.event_count,
      command_inputs = session_summaries.command_inputs + excluded.command_inputs,
      command_successes = session_summaries.command_successes + excluded.command_successes,
      command_failures = session_summaries.command_failures + excluded.command_failures,
      login_attempts = session_summaries.login_attempts + excluded.login_attempts,
      login_successes = session_summaries.login_successes + excluded.login_successes,
      file_downloads = session_summaries.file_downloads + excluded.file_downloads,
      file_uploads = session_summaries.file_uploads + excluded.file_uploads,
      ssh_key_inputs = session_summaries.ssh_key_inputs + excluded.ssh_key_inputs,
      ssh_key_successes = session_summaries.ssh_key_successes + excluded.ssh_key_successes,
      ssh_key_failures = session_summaries.ssh_key_failures + excluded.ssh_key_failures,
      risk_score = max(session_summaries.risk_score, excluded.risk_score),
      updated_at = strftime('%Y-%m-%dT%H:%M:%f000Z', 'now');
end;
