-- step_rebuild: looks up the end of the next batch of a rebuild, and has it done.
--
-- Takes:  job_id; batch_size, in sessions
-- Reads:  jobs; session_summaries; raw_events; session_items
-- Calls:  rebuild_strays, rebuild_walk, rebuild_missing, of which the phase of the job lets one work
-- Fails:  never
-- Differs: a view with an INSTEAD OF trigger; postgres has a function.
--
-- Called by run_job_batch alone. The last phase comes first, so that a step that ends its phase does not start the next.
create view step_rebuild as
  select
    cast(null as integer) as job_id,
    cast(null as integer) as batch_size
  where false;

create trigger tr_step_rebuild_instead_of_insert
instead of insert on step_rebuild
begin
  insert into rebuild_strays (job_id, up_to_session)
  select
    j.job_id,
    (
      select max(t.session_id)
      from
        (
          select distinct i.session_id
          from session_items as i
          where i.kind = j.kind and i.session_id > j.session_cursor
          order by i.session_id
          limit new.batch_size
        ) as t
      where
        coalesce(
          j.params ->> '$.from',
          j.params ->> '$.to',
          j.params ->> '$.session'
        ) is null
    )
  from jobs as j
  where j.job_id = new.job_id and j.phase = 'strays';

  insert into rebuild_walk (job_id, up_to_id)
  select
    j.job_id,
    (
      select max(t.summary_id)
      from
        (
          select s.rowid as summary_id
          from session_summaries as s
          where
            s.rowid > j.cursor
            and s.rowid <= j.last_cursor
            and +s.first_event_at >= coalesce(j.params ->> '$.from', '')
            and +s.first_event_at < coalesce(j.params ->> '$.to', char(1114111))
          order by s.rowid
          limit new.batch_size
        ) as t
    )
  from jobs as j
  where j.job_id = new.job_id and j.phase = 'sessions';

  insert into rebuild_missing (job_id, up_to_session)
  select
    j.job_id,
    (
      select max(t.session_id)
      from
        (
          select distinct e.session_id
          from raw_events as e
          where
            e.session_id > j.session_cursor
            and e.session_id >= coalesce(j.params ->> '$.session', '')
            and e.session_id <= coalesce(j.params ->> '$.session', e.session_id)
          order by e.session_id
          limit new.batch_size
        ) as t
    )
  from jobs as j
  where j.job_id = new.job_id and j.phase = 'missing';
end;
