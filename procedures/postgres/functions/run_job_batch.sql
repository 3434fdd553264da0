-- run_job_batch: does one batch of a job and moves its cursor, in the transaction of the caller.
--
-- Takes:   job_id; fence: what take_job has given, or NULL where no worker lives; batch_size, in sessions; NULL takes that of the job
-- Gives:   the state of the job after it
-- Reads:   jobs
-- Writes:  jobs: heartbeat_at
-- Calls:   check_job; rebuild_strays, rebuild_walk or rebuild_missing, by the phase of the job
-- Fails:   the codes of check_job
-- Differs: sqlite has a view with an INSTEAD OF trigger, and gives nothing.
create or replace function run_job_batch(
  job_id bigint,
  fence bigint default null,
  batch_size bigint default null
)
returns text
language plpgsql
set search_path from current
as $$
declare
  v_job jobs := check_job(run_job_batch.job_id, run_job_batch.fence);
  v_size bigint := coalesce(run_job_batch.batch_size, v_job.batch_size);
begin
  update jobs as j
  set
    heartbeat_at = clock_timestamp(),
    started_at = coalesce(j.started_at, clock_timestamp())
  where j.job_id = run_job_batch.job_id;

  case v_job.phase
    when 'missing' then perform rebuild_missing(v_job, v_size);
    when 'sessions' then perform rebuild_walk(v_job, v_size);
    when 'strays' then perform rebuild_strays(v_job, v_size);
  end case;

  return (select j.state from jobs as j where j.job_id = run_job_batch.job_id);
end;
$$;
