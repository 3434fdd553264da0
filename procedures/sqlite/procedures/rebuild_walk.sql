-- rebuild_walk: does the work of a job on the sessions up to a summary_id, and moves the cursor of the job there.
--
-- Takes:  job_id; up_to_id, NULL where no session is left; is_right, 1 where a reader has found nothing that differs;
--         session_count, of the sessions up to there, NULL where they are to be counted
-- Reads:  jobs; session_summaries
-- Writes: jobs: cursor, processed, phase; total, where events that came late have moved sessions into its range
-- Calls:  restart_rebuilds; rebuild_range, fill_snapshots or clear_snapshots, by the kind of the job
-- Fails:  never
-- Differs: a view with an INSTEAD OF trigger; postgres has a function.
--
-- Called by step_rebuild and advance_job alone. A VACUUM may give rows other numbers: the session at the cursor is another one
-- then, and the job begins anew.
create view rebuild_walk as
  select
    cast(null as integer) as job_id,
    cast(null as integer) as up_to_id,
    cast(null as integer) as is_right,
    cast(null as integer) as session_count
  where false;

create trigger tr_rebuild_walk_instead_of_insert
instead of insert on rebuild_walk
begin
  insert into restart_rebuilds (job_id)
  select j.job_id
  from jobs as j
  where
    j.job_id = new.job_id
    and j.session_cursor != ''
    and not exists (
      select 1
      from session_summaries as s
      where s.rowid = j.cursor and s.session_id = j.session_cursor
    );

  update jobs
  set processed = processed + coalesce(
    new.session_count,
    (
      select count(*)
      from session_summaries as s
      where
        s.rowid > jobs.cursor
        and s.rowid <= new.up_to_id
        and +s.first_event_at >= coalesce(jobs.params ->> '$.from', '')
        and +s.first_event_at < coalesce(jobs.params ->> '$.to', char(1114111))
    )
  )
  where job_id = new.job_id and phase = 'sessions';

  insert into rebuild_range
    (job_id, after_id, up_to_id, from_at, to_at, parts, is_new)
  select
    j.job_id,
    j.cursor,
    new.up_to_id,
    coalesce(j.params ->> '$.from', ''),
    coalesce(j.params ->> '$.to', char(1114111)),
    case j.kind
      when 'rebuild_summaries' then 'summaries'
      else 'command_stats'
    end,
    0
  from jobs as j
  where
    j.job_id = new.job_id
    and j.kind in ('rebuild_summaries', 'rebuild_command_stats')
    and j.phase = 'sessions'
    and new.up_to_id is not null
    and new.is_right is null;

  insert into fill_snapshots (job_id, after_id, up_to_id, from_at, to_at)
  select
    j.job_id,
    j.cursor,
    new.up_to_id,
    coalesce(j.params ->> '$.from', ''),
    coalesce(j.params ->> '$.to', char(1114111))
  from jobs as j
  where
    j.job_id = new.job_id
    and j.kind = 'backfill_snapshots'
    and j.phase = 'sessions'
    and new.up_to_id is not null;

  insert into clear_snapshots (job_id, filled_by_job_id, after_id, up_to_id)
  select j.job_id, j.params ->> '$.job', j.cursor, new.up_to_id
  from jobs as j
  where
    j.job_id = new.job_id
    and j.kind = 'clear_snapshots'
    and j.phase = 'sessions'
    and new.up_to_id is not null;

  update jobs
  set
    total = max(total, processed),
    cursor = coalesce(new.up_to_id, last_cursor),
    session_cursor = iif(
      new.up_to_id < last_cursor,
      coalesce(
        (
          select s.session_id
          from session_summaries as s
          where s.rowid = new.up_to_id
        ),
        ''
      ),
      ''
    ),
    phase = iif(new.up_to_id < last_cursor, phase, 'strays')
  where job_id = new.job_id and phase = 'sessions';
end;
