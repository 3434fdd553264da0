-- end_job: ends a reconciliation, or an undo of its repairs, that has done its last step.
--
-- Takes:   job_id; fence: what take_job has given; state: done, or needs_attention where a person must look
-- Gives:   nothing
-- Writes:  jobs: phase, state, finished_at
-- Calls:   check_job
-- Fails:   the codes of check_job; WR044 steps are left
-- Differs: sqlite has a view with an INSTEAD OF trigger.
--
-- A rebuild is ended by its last batch.
create or replace function end_job(job_id bigint, fence bigint, state text)
returns void
language plpgsql
set search_path from current
as $$
begin
  perform check_job(end_job.job_id, end_job.fence);

  update jobs as j
  set phase = 'end', state = end_job.state, finished_at = clock_timestamp()
  where j.job_id = end_job.job_id;
end;
$$;
