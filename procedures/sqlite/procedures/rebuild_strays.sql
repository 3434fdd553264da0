-- rebuild_strays: deletes rows of commands or files whose session has no summary; at the end it ends the job.
--
-- Takes:  job_id; up_to_session: up to which session id to look, NULL where none is left
-- Reads:  session_summaries; job_failures
-- Writes: command_stats or session_files, by the kind of the job; jobs: its counts, session_cursor, phase, state
-- Fails:  never
-- Differs: a view with an INSTEAD OF trigger; postgres has a function.
--
-- Called by run_job_batch alone, last: every session with events has a summary by now, so these have no events.
create view rebuild_strays as
  select
    cast(null as integer) as job_id,
    cast(null as text) as up_to_session
  where false;

create trigger tr_rebuild_strays_instead_of_insert
instead of insert on rebuild_strays
begin
  delete from command_stats
  where
    session_id > (
      select j.session_cursor
      from jobs as j
      where j.job_id = new.job_id and j.kind = 'rebuild_command_stats'
    )
    and session_id <= new.up_to_session
    and not exists (
      select 1
      from session_summaries as s
      where s.session_id = command_stats.session_id
    );

  update jobs
  set rows_deleted = rows_deleted + changes()
  where job_id = new.job_id and changes() > 0;

  delete from session_files
  where
    session_id > (
      select j.session_cursor
      from jobs as j
      where j.job_id = new.job_id and j.kind = 'rebuild_summaries'
    )
    and session_id <= new.up_to_session
    and not exists (
      select 1
      from session_summaries as s
      where s.session_id = session_files.session_id
    );

  update jobs
  set
    rows_deleted = rows_deleted + changes(),
    session_cursor = coalesce(new.up_to_session, session_cursor)
  where job_id = new.job_id;

  update jobs
  set
    phase = 'end',
    state = iif(
      exists (select 1 from job_failures as f where f.job_id = new.job_id),
      'needs_attention',
      'done'
    ),
    finished_at = strftime('%Y-%m-%dT%H:%M:%f000Z', 'now')
  where job_id = new.job_id and new.up_to_session is null;
end;
