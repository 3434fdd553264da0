-- rebuild_missing: makes the summaries, commands and files of sessions that have events and no summary.
--
-- Takes:   job; batch_size: how many sessions to look at
-- Gives:   nothing
-- Reads:   raw_events
-- Writes:  session_summaries: an empty row each, for rebuild_range to fill; jobs: session_cursor, phase
-- Calls:   lock_chain, where one is missing, for a seal may be about to make it; rebuild_range
-- Fails:   never
-- Differs: sqlite has a view with an INSTEAD OF trigger, and is told the end of the batch by step_rebuild.
--
-- Called by run_job_batch alone. Nobody sees an empty row: it is filled in the same transaction.
create or replace function rebuild_missing(job jobs, batch_size bigint)
returns void
language plpgsql
set jit = off
set search_path from current
as $$
declare
  v_from timestamptz := coalesce((job.params ->> 'from')::timestamptz, '-infinity');
  v_to timestamptz := coalesce((job.params ->> 'to')::timestamptz, 'infinity');
  v_only text := job.params ->> 'session';
  v_up_to text;
  v_session text;
  v_summary_id bigint;
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

  for v_session in
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
    order by e.session_id
  loop
    perform lock_chain();
    insert into session_summaries (
      session_id, has_connect, has_closed, has_session_field, first_event_at, last_event_at, closed_count,
      event_count, command_inputs, command_successes, command_failures, login_attempts, login_successes,
      file_downloads, file_uploads, ssh_key_inputs, ssh_key_successes, ssh_key_failures, risk_score
    )
    values (
      v_session,
      false, false, false, '9999-12-31T23:59:59.999999Z', '0001-01-01T00:00:00.000000Z', 0, 0, 0, 0, 0, 0, 0,
      0, 0, 0, 0, 0, 0
    )
    on conflict do nothing
    returning summary_id into v_summary_id;

    if found then
      perform rebuild_range(
        job.job_id, v_summary_id - 1, v_summary_id, '-infinity', 'infinity', 'summaries command_stats', true
      );
    end if;
  end loop;

  update jobs as j
  set
    session_cursor = coalesce(v_up_to, ''),
    phase = case when v_up_to is null then 'sessions' else j.phase end
  where j.job_id = job.job_id;
end;
$$;
