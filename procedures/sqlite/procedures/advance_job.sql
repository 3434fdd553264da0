-- advance_job: moves a rebuild on over what its worker has found to be right, and a reconciliation behind a step that is done.
--
-- Takes:  job_id; fence: what take_job has given; phase: in which it was looked; up_to_id: up to which summary, in the phase
--         sessions; up to which step, of a reconciliation; the other phases of a rebuild end; session_count: of the sessions up
--         to there that were looked at, NULL where they are to be counted
-- Reads:  jobs
-- Writes: jobs: heartbeat_at; of a reconciliation cursor, processed and phase
-- Calls:  check_job; rebuild_strays, rebuild_walk or rebuild_missing, which find nothing to do
-- Fails:  the codes of check_job; WR046 the job is in another phase
-- Differs: a view with an INSTEAD OF trigger; postgres has a function.
--
-- What a reader finds right in a snapshot stays right: seals and undos keep it so. So readers beside the writer may look ahead,
-- with session_differences and its like, and the writer takes the lock for no longer than it has something to write.
-- A reconciliation that has done its last step is repairing; end_job ends it.
create view advance_job as
  select
    cast(null as integer) as job_id,
    cast(null as integer) as fence,
    cast(null as text) as phase,
    cast(null as integer) as up_to_id,
    cast(null as integer) as session_count
  where false;

create trigger tr_advance_job_instead_of_insert
instead of insert on advance_job
begin
  insert into check_job (job_id, fence) values (new.job_id, new.fence);

  select raise(abort, 'WR046 the job is in another phase')
  where
    not exists (
      select 1
      from jobs as j
      where j.job_id = new.job_id and j.phase = new.phase
    );

  update jobs
  set
    heartbeat_at = strftime('%Y-%m-%dT%H:%M:%f000Z', 'now'),
    started_at = coalesce(started_at, strftime('%Y-%m-%dT%H:%M:%f000Z', 'now'))
  where job_id = new.job_id;

  update jobs
  set
    processed = processed + max(cursor, new.up_to_id) - cursor,
    cursor = max(cursor, new.up_to_id),
    phase = iif(
      phase = 'proving' and new.up_to_id >= last_cursor,
      'repairing',
      phase
    )
  where job_id = new.job_id and kind = 'reconcile' and new.up_to_id is not null;

  insert into rebuild_strays (job_id, up_to_session)
  select new.job_id, null
  where new.phase = 'strays';

  insert into rebuild_walk (job_id, up_to_id, is_right, session_count)
  select new.job_id, new.up_to_id, 1, new.session_count
  from jobs as j
  where
    j.job_id = new.job_id
    and new.phase = 'sessions'
    and (
      new.up_to_id is null
      or new.up_to_id > j.cursor
      or j.cursor >= j.last_cursor
    );

  insert into rebuild_missing (job_id, up_to_session)
  select new.job_id, null
  where new.phase = 'missing';
end;
