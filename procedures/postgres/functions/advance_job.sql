-- advance_job: moves a rebuild on over what its worker has found to be right, without reading it again.
--
-- Takes:   job_id; fence: what take_job has given; phase: in which it was looked; up_to_id: up to which summary, in the phase
--          sessions; the other phases end
-- Gives:   nothing
-- Reads:   jobs
-- Writes:  jobs: heartbeat_at, cursor, phase, state
-- Calls:   check_job; rebuild_walk
-- Fails:   the codes of check_job; WR046 the job is in another phase
-- Differs: sqlite has a view with an INSTEAD OF trigger.
--
-- What a reader finds right in a snapshot stays right: seals and undos keep it so. So readers beside the writer may look ahead,
-- with session_differences and its like, and the writer takes the lock for no longer than it has something to write.
create or replace function advance_job(
  job_id bigint,
  fence bigint,
  phase text,
  up_to_id bigint default null
)
returns void
language plpgsql
set search_path from current
as $$
declare
  v_job jobs := check_job(advance_job.job_id, advance_job.fence);
begin
  if v_job.phase <> advance_job.phase then
    raise exception using
      errcode = 'WR046',
      message = 'the job is in another phase';
  end if;

  update jobs as j
  set
    heartbeat_at = clock_timestamp(),
    started_at = coalesce(j.started_at, clock_timestamp()),
    phase = case j.phase when 'missing' then 'sessions' else j.phase end
  where j.job_id = advance_job.job_id;

  if v_job.phase = 'sessions' then
    perform rebuild_walk(v_job, null, coalesce(advance_job.up_to_id, v_job.last_cursor));
  elsif v_job.phase = 'strays' then
    v_job.session_cursor := null;
    perform rebuild_strays(v_job, 0);
  end if;
end;
$$;
