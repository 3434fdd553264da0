-- open_job: begins a job, unless one of its kind is open already.
--
-- Takes:  kind; from_at, to_at: of the first event of the sessions to work on, both or one may be NULL; session_id: the one
--         session to work on, or NULL; batch_size; actor
-- Reads:  session_summaries
-- Writes: jobs
-- Fails:  WR041 a job of the kind is open with other parameters
-- Differs: a view with an INSTEAD OF trigger; postgres has a function.
--
-- The last summary to walk to is fixed here: what comes later is right from the seal.
create view open_job as
  select
    cast(null as text) as kind,
    cast(null as text) as from_at,
    cast(null as text) as to_at,
    cast(null as text) as session_id,
    cast(null as integer) as batch_size,
    cast(null as text) as actor
  where false;

create trigger tr_open_job_instead_of_insert
instead of insert on open_job
begin
  select
    raise(
      abort,
      'WR041 a job of this kind is open with other parameters; resume or cancel it'
    )
  from jobs as j
  where
    j.kind = new.kind
    and j.state in ('running', 'paused', 'failed')
    and (
      j.params ->> '$.from',
      j.params ->> '$.to',
      j.params ->> '$.session'
    ) is not (new.from_at, new.to_at, new.session_id);

  insert into jobs
    (kind, params, cursor, last_cursor, total, batch_size, actor)
  select
    new.kind,
    json_object(
      'from',
      new.from_at,
      'to',
      new.to_at,
      'session',
      new.session_id
    ),
    coalesce(min(s.rowid) - 1, 0),
    coalesce(max(s.rowid), 0),
    count(*),
    coalesce(new.batch_size, 1000),
    coalesce(new.actor, 'direct SQL')
  from session_summaries as s
  where
    s.first_event_at >= coalesce(new.from_at, '')
    and s.first_event_at < coalesce(new.to_at, char(1114111))
    and s.session_id >= coalesce(new.session_id, '')
    and (new.session_id is null or s.session_id = new.session_id)
  having
    not exists (
      select 1
      from jobs as j
      where j.kind = new.kind and j.state in ('running', 'paused', 'failed')
    );
end;
