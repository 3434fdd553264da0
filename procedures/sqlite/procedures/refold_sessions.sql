-- refold_sessions: derives the sessions of undo_sessions anew from the events that are left.
--
-- Takes:  batch_id, inserted as a row; ignored, all of undo_sessions are derived
-- Reads:  undo_sessions; raw_events
-- Writes: session_summaries, command_stats, session_files
-- Calls:  fold_batch, for each batch that still has events of them; recount_ips
-- Fails:  never
-- Differs: a view with an INSTEAD OF trigger; postgres has a function.
--
-- A row is set back to what the fold starts from and folded into again, so that what the fold does not write (snapshots,
-- enrichment, created_at) stays. The last statement takes away the sessions that have no event left.
create view refold_sessions as
  select cast(null as integer) as batch_id
  where false;

create trigger tr_refold_sessions_instead_of_insert
instead of insert on refold_sessions
begin
  update session_summaries
  set
    source_ip = null,
    source_ip_key = null,
    source_ip_least = null,
    source_ip_greatest = null,
    sensor = null,
    sensor_key = null,
    sensor_least = null,
    sensor_greatest = null,
    protocol = null,
    protocol_key = null,
    client_version = null,
    client_version_key = null,
    hassh = null,
    hassh_key = null,
    has_connect = 0,
    has_closed = 0,
    has_session_field = 0,
    first_event_at = '9999-12-31T23:59:59.999999Z',
    last_event_at = '0001-01-01T00:00:00.000000Z',
    reported_duration_ms = null,
    closed_count = 0,
    event_count = 0,
    command_inputs = 0,
    command_successes = 0,
    command_failures = 0,
    login_attempts = 0,
    login_successes = 0,
    file_downloads = 0,
    file_uploads = 0,
    ssh_key_inputs = 0,
    ssh_key_successes = 0,
    ssh_key_failures = 0,
    risk_score = 0
  where session_id in (select u.session_id from undo_sessions as u);

  delete from command_stats
  where session_id in (select u.session_id from undo_sessions as u);

  delete from session_files
  where session_id in (select u.session_id from undo_sessions as u);

  insert into fold_batch (batch_id, undo_only)
  select distinct e.event_id >> 20, 1
  from
    undo_sessions as u
    join raw_events as e on e.session_id = u.session_id
  where u.session_id != '';

  delete from session_summaries
  where
    event_count = 0
    and session_id in (select u.session_id from undo_sessions as u);

  insert into recount_ips (batch_id) values (new.batch_id);
end;
