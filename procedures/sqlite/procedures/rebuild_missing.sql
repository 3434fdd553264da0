-- rebuild_missing: makes the summaries, commands and files of sessions that have events and no summary.
--
-- Takes:  job_id; up_to_session: up to which session id to look, NULL where none is left
-- Reads:  raw_events
-- Writes: session_summaries: an empty row each, for rebuild_range to fill; jobs: session_cursor, phase
-- Calls:  rebuild_range
-- Fails:  never
-- Differs: a view with an INSTEAD OF trigger; postgres has a function.
--
-- Called by run_job_batch alone. Nobody sees an empty row: it is filled in the same transaction.
create view rebuild_missing as
  select
    cast(null as integer) as job_id,
    cast(null as text) as up_to_session
  where false;

create trigger tr_rebuild_missing_instead_of_insert
instead of insert on rebuild_missing
begin
  insert into session_summaries
    (
      session_id,
      has_connect,
      has_closed,
      has_session_field,
      first_event_at,
      last_event_at,
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
    e.session_id,
    0,
    0,
    0,
    '9999-12-31T23:59:59.999999Z',
    '0001-01-01T00:00:00.000000Z',
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0
  from
    jobs as j
    cross join raw_events as e
  where
    j.job_id = new.job_id
    and e.session_id > j.session_cursor
    and e.session_id >= coalesce(j.params ->> '$.session', '')
    and e.session_id <= new.up_to_session
    and not exists (
      select 1 from session_summaries as s where s.session_id = e.session_id
    )
  group by e.session_id
  having
    min(e.occurred_at) >= coalesce(j.params ->> '$.from', '')
    and min(e.occurred_at) < coalesce(j.params ->> '$.to', char(1114111));

  insert into rebuild_range
    (job_id, after_id, up_to_id, from_at, to_at, parts, is_new)
  select
    new.job_id,
    s.rowid - 1,
    s.rowid,
    '',
    char(1114111),
    'summaries command_stats',
    1
  from
    jobs as j
    cross join session_summaries as s
  where
    changes() > 0
    and j.job_id = new.job_id
    and s.session_id > j.session_cursor
    and s.session_id <= new.up_to_session
    and s.event_count = 0
    and s.first_event_at > s.last_event_at;

  update jobs
  set
    session_cursor = coalesce(new.up_to_session, ''),
    phase = iif(new.up_to_session is null, 'sessions', phase)
  where job_id = new.job_id;
end;
