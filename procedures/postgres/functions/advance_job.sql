-- advance_job: moves a rebuild on over what its worker has found to be right, and a reconciliation behind a step that is done.
--
-- Takes:   job_id; fence: what take_job has given; phase: in which it was looked; up_to_id: up to which summary, in the phase
--          sessions; up to which step, of a reconciliation; the other phases of a rebuild end; session_count: of the sessions up
--          to there that were looked at, NULL where they are to be counted
-- Gives:   nothing
-- Reads:   jobs
-- Writes:  jobs: heartbeat_at, cursor, processed, phase, state
-- Calls:   check_job; rebuild_walk
-- Fails:   the codes of check_job; WR046 the job is in another phase
-- Differs: sqlite has a view with an INSTEAD OF trigger.
--
-- What a reader finds right in a snapshot stays right: seals and undos keep it so. So readers beside the writer may look ahead,
-- with session_differences and its like, and the writer takes the lock for no longer than it has something to write.
-- A reconciliation that has done its last step is repairing; end_job ends it.
create or replace function advance_job(
  job_id bigint,
  fence bigint,
  phase text,
  up_to_id bigint default null,
  session_count bigint default null
)
returns void
language plpgsql
set search_path from current
as $$
declare
  v_job jobs := check_job(advance_job.job_id, advance_job.fence);
  v_cursor bigint := v_job.cursor;
begin
  if v_job.phase <> advance_job.phase then
    raise exception using
      errcode = 'WR046',
      message = 'the job is in another phase';
  end if;

  if v_job.kind = 'reconcile' then
    v_cursor := greatest(v_job.cursor, advance_job.up_to_id);
  end if;

  update jobs as j
  set
    heartbeat_at = clock_timestamp(),
    started_at = coalesce(j.started_at, clock_timestamp()),
    cursor = v_cursor,
    processed = j.processed + v_cursor - j.cursor,
    phase = case
      when j.phase = 'missing' then 'sessions'
      when j.phase = 'proving' and v_cursor >= j.last_cursor then 'repairing'
      else j.phase
    end
  where j.job_id = advance_job.job_id;

  if
    v_job.phase = 'sessions'
    and (
      advance_job.up_to_id is null
      or advance_job.up_to_id > v_job.cursor
      or v_job.cursor >= v_job.last_cursor
    )
  then
    perform rebuild_walk(
      v_job, null, coalesce(advance_job.up_to_id, v_job.last_cursor), advance_job.session_count
    );
  elsif v_job.phase = 'strays' then
    v_job.session_cursor := null;
    perform rebuild_strays(v_job, 0);
  end if;
end;
$$;
