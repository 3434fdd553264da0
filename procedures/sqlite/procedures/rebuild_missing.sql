-- rebuild_missing: makes the summaries, commands and files of sessions that have events and no summary.
--
-- Takes:  job_id; up_to_session: up to which session id to look, NULL where none is left
-- Reads:  raw_events
-- Writes: jobs: session_cursor, phase
-- Calls:  rebuild_new_session
-- Fails:  never
-- Differs: a view with an INSTEAD OF trigger; postgres has a function.
--
-- Called by run_job_batch alone.
create view rebuild_missing as
  select
    cast(null as integer) as job_id,
    cast(null as text) as up_to_session
  where false;

create trigger tr_rebuild_missing_instead_of_insert
instead of insert on rebuild_missing
begin
  insert into rebuild_new_session (job_id, session_id)
  select new.job_id, e.session_id
  from
    jobs as j
    cross join raw_events as e
  where
    j.job_id = new.job_id
    and e.session_id > j.session_cursor
    and e.session_id >= coalesce(j.params ->> '$.session', '')
    and e.session_id <= new.up_to_session
    and not exists (
      select 1 from session_summaries as s where s.session_id = e.session_id
    )
  group by e.session_id
  having
    min(e.occurred_at) >= coalesce(j.params ->> '$.from', '')
    and min(e.occurred_at) < coalesce(j.params ->> '$.to', char(1114111));

  update jobs
  set
    session_cursor = coalesce(new.up_to_session, ''),
    phase = iif(new.up_to_session is null, 'sessions', phase)
  where job_id = new.job_id;
end;
