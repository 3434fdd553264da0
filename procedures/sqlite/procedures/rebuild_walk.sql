-- rebuild_walk: rebuilds the sessions up to a summary_id and moves the cursor of the job there.
--
-- Takes:  job_id; up_to_id, NULL where no session is left
-- Reads:  jobs; session_summaries
-- Writes: jobs: cursor, processed, phase; total, where events that came late have moved sessions into its range
-- Calls:  rebuild_range
-- Fails:  never
-- Differs: a view with an INSTEAD OF trigger; postgres has a function.
--
-- Called by run_job_batch alone.
create view rebuild_walk as
  select
    cast(null as integer) as job_id,
    cast(null as integer) as up_to_id
  where false;

create trigger tr_rebuild_walk_instead_of_insert
instead of insert on rebuild_walk
begin
  update jobs
  set processed = processed + (
    select count(*)
    from session_summaries as s
    where
      s.summary_id > jobs.cursor
      and s.summary_id <= new.up_to_id
      and s.first_event_at >= coalesce(jobs.params ->> '$.from', '')
      and s.first_event_at < coalesce(jobs.params ->> '$.to', char(1114111))
  )
  where job_id = new.job_id;

  insert into rebuild_range
    (job_id, after_id, up_to_id, from_at, to_at, parts, is_new)
  select
    j.job_id,
    j.cursor,
    new.up_to_id,
    coalesce(j.params ->> '$.from', ''),
    coalesce(j.params ->> '$.to', char(1114111)),
    case j.kind
      when 'rebuild_summaries' then 'summaries'
      else 'command_stats'
    end,
    0
  from jobs as j
  where j.job_id = new.job_id and new.up_to_id is not null;

  update jobs
  set
    total = max(total, processed),
    cursor = coalesce(new.up_to_id, last_cursor),
    phase = iif(
      coalesce(new.up_to_id, last_cursor) >= last_cursor,
      'strays',
      phase
    ),
    session_cursor = ''
  where job_id = new.job_id;
end;
