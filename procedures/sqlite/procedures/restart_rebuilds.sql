-- restart_rebuilds: begins open jobs that walk sessions anew, for what they have done is not right any more.
--
-- Takes:  job_id, NULL for all rebuilds
-- Writes: jobs: phase, cursor, session_cursor, processed, restarts
-- Fails:  never
-- Differs: a view with an INSTEAD OF trigger; postgres has a function.
--
-- Called when rules of scores change, and when rows have other numbers than before. restarts tells readers who look ahead that
-- what they have seen is old.
create view restart_rebuilds as
  select cast(null as integer) as job_id
  where false;

create trigger tr_restart_rebuilds_instead_of_insert
instead of insert on restart_rebuilds
begin
  update jobs
  set
    phase = iif(
      kind in ('rebuild_summaries', 'rebuild_command_stats'),
      'missing',
      'sessions'
    ),
    cursor = iif(params ->> '$.session' is null, 0, max(last_cursor - 1, 0)),
    session_cursor = '',
    processed = 0,
    restarts = restarts + 1
  where
    (
      job_id = new.job_id
      or new.job_id is null
      and kind in ('rebuild_summaries', 'rebuild_command_stats')
    )
    and state in ('running', 'paused', 'failed');
end;
