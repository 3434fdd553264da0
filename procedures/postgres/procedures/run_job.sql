-- run_job: does what is left of a job, batch by batch, to the end.
--
-- Takes:   job_id: an open job; batch_size, in sessions, may be NULL
-- Calls:   take_job; check_job; run_job_batch, and commits after each
-- Fails:   the codes of those
-- Differs: sqlite has none: a view with an INSTEAD OF trigger for each kind does one batch.
--
-- It commits, so it has no search_path of its own and names all with their schema. It ends when the job
-- is paused or cancelled, and lets the next worker in.
create or replace procedure run_job(job_id bigint, batch_size bigint)
language plpgsql
as $$
declare
  v_job_id constant bigint := job_id;
  v_fence bigint := cowrie.take_job(v_job_id, format('%s pid %s', session_user, pg_backend_pid()));
begin
  perform cowrie.check_job(v_job_id, v_fence);
  commit;
  loop
    exit when cowrie.run_job_batch(v_job_id, v_fence, batch_size) <> 'running';
    commit;
    exit when (select j.state from cowrie.jobs as j where j.job_id = v_job_id) <> 'running';
  end loop;

  update cowrie.jobs as j
  set worker = null, heartbeat_at = null
  where j.job_id = v_job_id and j.fence = v_fence;
end;
$$;
