-- end_adoption: ends an adoption that has taken over all that the other store has.
--
-- Takes:   job_id; fence: what take_job has given, or NULL from a shell
-- Gives:   nothing
-- Writes:  jobs: phase, state, finished_at
-- Calls:   check_job
-- Fails:   the codes of check_job; WR044 events are left
-- Differs: sqlite has a view with an INSTEAD OF trigger.
create or replace function end_adoption(job_id bigint, fence bigint)
returns void
language plpgsql
set search_path from current
as $$
begin
  perform check_job(end_adoption.job_id, end_adoption.fence);

  update jobs as j set phase = 'strays' where j.job_id = end_adoption.job_id;

  update jobs as j
  set phase = 'end', state = 'done', finished_at = clock_timestamp()
  where j.job_id = end_adoption.job_id;
end;
$$;
