-- rebuild_walk: does the work of a job on its next sessions, and moves its cursor behind them.
--
-- Takes:   job; batch_size, in sessions; right_up_to_id: up to which summary a reader has found nothing that differs, or NULL;
--          right_count: of the sessions up to there, NULL where they are to be counted
-- Gives:   nothing
-- Writes:  jobs: cursor, processed, phase; total, where events that came late have moved sessions into its range
-- Calls:   find_page; rebuild_range, fill_snapshots or clear_snapshots, by the kind of the job
-- Fails:   never
-- Differs: sqlite has a view with an INSTEAD OF trigger, and is told the end of the batch by step_rebuild.
--
-- Called by run_job_batch and advance_job alone.
create or replace function rebuild_walk(
  job jobs,
  batch_size bigint,
  right_up_to_id bigint default null,
  right_count bigint default null
)
returns void
language plpgsql
set search_path from current
as $$
declare
  v_from timestamptz := coalesce((job.params ->> 'from')::timestamptz, '-infinity');
  v_to timestamptz := coalesce((job.params ->> 'to')::timestamptz, 'infinity');
  v_up_to bigint;
  v_count bigint;
begin
  if right_count is null then
    select p.last_id, p.session_count into v_up_to, v_count
    from
      find_page(
        job.cursor, coalesce(right_up_to_id, job.last_cursor), v_from, v_to, rebuild_walk.batch_size
      ) as p;
  end if;

  if right_up_to_id is not null then
    v_up_to := right_up_to_id;
    v_count := coalesce(right_count, v_count);
  elsif v_up_to is not null and job.kind = 'backfill_snapshots' then
    perform fill_snapshots(job.job_id, job.cursor, v_up_to, v_from, v_to);
  elsif v_up_to is not null and job.kind = 'clear_snapshots' then
    perform clear_snapshots(job.job_id, (job.params ->> 'job')::bigint, job.cursor, v_up_to);
  elsif v_up_to is not null then
    perform rebuild_range(
      job.job_id,
      job.cursor,
      v_up_to,
      v_from,
      v_to,
      case job.kind when 'rebuild_summaries' then 'summaries' else 'command_stats' end,
      false
    );
  end if;

  update jobs as j
  set
    processed = j.processed + v_count,
    total = greatest(j.total, j.processed + v_count),
    cursor = coalesce(v_up_to, j.last_cursor),
    phase = case when coalesce(v_up_to, j.last_cursor) >= j.last_cursor then 'strays' else j.phase end,
    session_cursor = ''
  where j.job_id = job.job_id;
end;
$$;
