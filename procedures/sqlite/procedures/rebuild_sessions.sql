-- rebuild_sessions: writes the summaries and files of a range of sessions that differ from what their events add up to.
--
-- Takes:  job_id, whose counts grow; after_id, up_to_id; from_at and to_at, of the first_event_at as stored; is_new, 1 where
--         the summaries were put in empty a moment ago and count as inserted
-- Reads:  session_differences; file_differences; raw_events
-- Writes: session_summaries; jobs, its counts
-- Calls:  write_files, first, for a range is one of summaries as they are stored
-- Fails:  never
-- Differs: a view with an INSTEAD OF trigger; postgres has a function.
--
-- Called by rebuild_range alone, where a summary differs. Snapshots, enrichment, flags and created_at stay; a summary without any event goes.
create view rebuild_sessions as
  select
    cast(null as integer) as job_id,
    cast(null as integer) as after_id,
    cast(null as integer) as up_to_id,
    cast(null as text) as from_at,
    cast(null as text) as to_at,
    cast(null as integer) as is_new
  where false;

create trigger tr_rebuild_sessions_instead_of_insert
instead of insert on rebuild_sessions
begin
  insert into write_files
    (
      job_id,
      after_id,
      up_to_id,
      from_at,
      to_at,
      least_counted,
      inserted,
      updated,
      deleted
    )
  select
    new.job_id,
    new.after_id,
    new.up_to_id,
    new.from_at,
    new.to_at,
    0,
    count(*) filter (where d.action = 'insert'),
    count(*) filter (where d.action = 'update'),
    count(*) filter (where d.action = 'delete')
  from file_differences as d
  where
    d.summary_id > new.after_id
    and d.summary_id <= new.up_to_id
    and d.stored_first_at >= new.from_at
    and d.stored_first_at < new.to_at
    and d.is_counted >= 0
  having count(*) > 0;

  update session_summaries
  set
    source_ip = d.source_ip,
    source_ip_key = d.source_ip_key,
    source_ip_least = d.source_ip_least,
    source_ip_greatest = d.source_ip_greatest,
    sensor = d.sensor,
    sensor_key = d.sensor_key,
    sensor_least = d.sensor_least,
    sensor_greatest = d.sensor_greatest,
    protocol = d.protocol,
    protocol_key = d.protocol_key,
    client_version = d.client_version,
    client_version_key = d.client_version_key,
    hassh = d.hassh,
    hassh_key = d.hassh_key,
    has_connect = d.has_connect,
    has_closed = d.has_closed,
    has_session_field = d.has_session_field,
    first_event_at = d.first_event_at,
    last_event_at = d.last_event_at,
    reported_duration_ms = d.reported_duration_ms,
    closed_count = d.closed_count,
    event_count = d.event_count,
    command_inputs = d.command_inputs,
    command_successes = d.command_successes,
    command_failures = d.command_failures,
    login_attempts = d.login_attempts,
    login_successes = d.login_successes,
    file_downloads = d.file_downloads,
    file_uploads = d.file_uploads,
    ssh_key_inputs = d.ssh_key_inputs,
    ssh_key_successes = d.ssh_key_successes,
    ssh_key_failures = d.ssh_key_failures,
    risk_score = d.risk_score,
    updated_at = strftime('%Y-%m-%dT%H:%M:%f000Z', 'now')
  from session_differences as d
  where
    d.summary_id = session_summaries.rowid
    and d.summary_id > new.after_id
    and d.summary_id <= new.up_to_id
    and d.stored_first_at >= new.from_at
    and d.stored_first_at < new.to_at;

  update jobs
  set
    rows_inserted = rows_inserted + iif(new.is_new, changes(), 0),
    rows_updated = rows_updated + iif(new.is_new, 0, changes())
  where job_id = new.job_id and changes() > 0;

  delete from session_summaries
  where
    rowid > new.after_id
    and rowid <= new.up_to_id
    and +first_event_at >= new.from_at
    and +first_event_at < new.to_at
    and not exists (
      select 1
      from raw_events as e
      where e.session_id = session_summaries.session_id
    );

  update jobs
  set rows_deleted = rows_deleted + changes()
  where job_id = new.job_id and changes() > 0;
end;
