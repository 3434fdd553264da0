-- rebuild_new_session: makes the summary, commands and files of a session that has events and no summary.
--
-- Takes:  job_id, whose counts grow; session_id
-- Writes: session_summaries: an empty row, for rebuild_range to fill
-- Calls:  rebuild_range
-- Fails:  never
-- Differs: a view with an INSTEAD OF trigger; postgres has a function.
--
-- Called by rebuild_missing and repair_session. Nobody sees the empty row: it is filled in the same transaction.
create view rebuild_new_session as
  select
    cast(null as integer) as job_id,
    cast(null as text) as session_id
  where false;

create trigger tr_rebuild_new_session_instead_of_insert
instead of insert on rebuild_new_session
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
  values
    (
      new.session_id,
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
    );

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
  from session_summaries as s
  where s.session_id = new.session_id;
end;
