-- advance_adoption: notes that all events of another store up to one of its rows are taken over.
--
-- Takes:   job_id; fence: what take_job has given, or NULL from a shell; up_to_id: the number of the row there
-- Gives:   nothing
-- Writes:  jobs: cursor, processed, heartbeat_at
-- Calls:   check_job
-- Fails:   the codes of check_job
-- Differs: sqlite has a view with an INSTEAD OF trigger.
create or replace function advance_adoption(
  job_id bigint,
  fence bigint,
  up_to_id bigint
)
returns void
language plpgsql
set search_path from current
as $$
begin
  perform check_job(advance_adoption.job_id, advance_adoption.fence);

  update jobs as j
  set
    processed = j.processed + greatest(j.cursor, up_to_id) - j.cursor,
    cursor = greatest(j.cursor, up_to_id),
    heartbeat_at = clock_timestamp()
  where j.job_id = advance_adoption.job_id;
end;
$$;
