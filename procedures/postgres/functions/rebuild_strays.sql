-- rebuild_strays: deletes rows of commands or files whose session has no summary; at the end it ends the job.
--
-- Takes:   job; batch_size: how many sessions to look at
-- Gives:   nothing
-- Reads:   session_items; session_summaries; job_failures
-- Writes:  command_stats or session_files, by the kind of the job; jobs: its counts, session_cursor, phase, state
-- Fails:   never
-- Differs: sqlite has a view with an INSTEAD OF trigger, and is told the end of the batch by step_rebuild.
--
-- Called by run_job_batch alone, last: every session with events has a summary by now, so these have no events. A seal under
-- way writes the summary and these rows in one transaction, so none of its rows is seen here.
create or replace function rebuild_strays(job jobs, batch_size bigint)
returns void
language plpgsql
set jit = off
set search_path from current
as $$
declare
  v_up_to text;
  v_commands bigint;
  v_files bigint;
begin
  if coalesce(job.params ->> 'from', job.params ->> 'to', job.params ->> 'session') is null then
    select max(t.session_id) into v_up_to
    from
      (
        select i.session_id
        from session_items as i
        where i.kind = job.kind and i.session_id > job.session_cursor
        group by i.session_id
        order by i.session_id
        limit rebuild_strays.batch_size
      ) as t;
  end if;

  delete from command_stats as c
  where
    job.kind = 'rebuild_command_stats'
    and c.session_id > job.session_cursor
    and c.session_id <= v_up_to
    and not exists (select 1 from session_summaries as s where s.session_id = c.session_id);
  get diagnostics v_commands = row_count;

  delete from session_files as f
  where
    job.kind = 'rebuild_summaries'
    and f.session_id > job.session_cursor
    and f.session_id <= v_up_to
    and not exists (select 1 from session_summaries as s where s.session_id = f.session_id);
  get diagnostics v_files = row_count;

  update jobs as j
  set
    rows_deleted = j.rows_deleted + v_commands + v_files,
    session_cursor = coalesce(v_up_to, j.session_cursor),
    phase = case when v_up_to is null then 'end' else j.phase end,
    state = case
      when v_up_to is not null then j.state
      when exists (select 1 from job_failures as f where f.job_id = j.job_id) then 'needs_attention'
      else 'done'
    end,
    finished_at = case when v_up_to is null then clock_timestamp() end
  where j.job_id = job.job_id;
end;
$$;
