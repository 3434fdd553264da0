-- rebuild_missing: makes the summaries, commands and files of sessions that have events and no summary.
--
-- Takes:   job; batch_size: how many sessions to look at
-- Gives:   nothing
-- Reads:   raw_events
-- Writes:  jobs: session_cursor, phase
-- Calls:   rebuild_new_session
-- Fails:   never
-- Differs: sqlite has a view with an INSTEAD OF trigger, and is told the end of the batch by step_rebuild.
--
-- Called by run_job_batch alone. A page is read by the index in its order, whatever the planner knows of the events.
create or replace function rebuild_missing(job jobs, batch_size bigint)
returns void
language plpgsql
set jit = off
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
set enable_bitmapscan = off
set enable_hashagg = off
set enable_sort = off
set search_path from current
as $$
declare
  v_from timestamptz := coalesce((job.params ->> 'from')::timestamptz, '-infinity');
  v_to timestamptz := coalesce((job.params ->> 'to')::timestamptz, 'infinity');
  v_only text := job.params ->> 'session';
  v_up_to text;
  v_missing text[];
begin
  select max(t.session_id) into v_up_to
  from
    (
      select e.session_id
      from raw_events as e
      where e.session_id > job.session_cursor and (v_only is null or e.session_id = v_only)
      group by e.session_id
      order by e.session_id
      limit rebuild_missing.batch_size
    ) as t;

  select array_agg(t.session_id) into v_missing
  from
    (
      select e.session_id
      from raw_events as e
      where
        e.session_id > job.session_cursor
        and e.session_id <= v_up_to
        and (v_only is null or e.session_id = v_only)
      group by e.session_id
      having
        min(e.occurred_at) >= v_from
        and min(e.occurred_at) < v_to
        and not exists (select 1 from session_summaries as s where s.session_id = e.session_id)
    ) as t;

  if v_missing is not null then
    perform rebuild_new_session(job.job_id, v_missing);
  end if;

  update jobs as j
  set
    session_cursor = coalesce(v_up_to, ''),
    phase = case when v_up_to is null then 'sessions' else j.phase end
  where j.job_id = job.job_id;
end;
$$;
