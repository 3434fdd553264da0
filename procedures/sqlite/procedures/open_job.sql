-- open_job: begins a job, unless one of its kind and mode is open already.
--
-- Takes:  kind; from_at, to_at: of the first event of the sessions to work on, both or one may be NULL; session_id: the one
--         session to work on, or NULL; batch_size; actor; params, instead of the sessions: the mode of a reconciliation, the
--         job whose snapshots are cleared, the database that is adopted; of a reconciliation first_cursor, last_cursor: where its
--         steps begin and end; of an adoption the rows there
-- Reads:  session_summaries
-- Writes: jobs
-- Fails:  WR041 a job of the kind and mode is open with other parameters
-- Differs: a view with an INSTEAD OF trigger; postgres has a function.
--
-- The last summary to walk to is fixed here: what comes later is right from the seal. Nobody else writes meanwhile, so all
-- sessions are counted and not read, those of a time by its index, and one is looked up.
create view open_job as
  select
    cast(null as text) as kind,
    cast(null as text) as from_at,
    cast(null as text) as to_at,
    cast(null as text) as session_id,
    cast(null as integer) as batch_size,
    cast(null as text) as actor,
    cast(null as text) as params,
    cast(null as integer) as first_cursor,
    cast(null as integer) as last_cursor
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
    and coalesce(j.params ->> '$.mode', '') = coalesce(
      new.params ->> '$.mode',
      ''
    )
    and (
      j.params ->> '$.from',
      j.params ->> '$.to',
      j.params ->> '$.session',
      j.params ->> '$.repair',
      j.params ->> '$.run',
      j.params ->> '$.job',
      j.params ->> '$.database'
    ) is not (
      new.from_at,
      new.to_at,
      new.session_id,
      new.params ->> '$.repair',
      new.params ->> '$.run',
      new.params ->> '$.job',
      new.params ->> '$.database'
    );

  insert into jobs
    (kind, params, phase, cursor, last_cursor, total, batch_size, actor)
  select
    new.kind,
    coalesce(
      json(new.params),
      json_object(
        'from',
        new.from_at,
        'to',
        new.to_at,
        'session',
        new.session_id
      )
    ),
    case
      when new.kind in ('backfill_snapshots', 'clear_snapshots') then 'sessions'
      when new.kind != 'reconcile' then 'missing'
      when new.params ->> '$.mode' = 'undo' then 'undoing'
      else 'proving'
    end,
    coalesce(min(t.first_id) - 1, 0),
    coalesce(max(t.last_id), 0),
    sum(t.session_count),
    coalesce(new.batch_size, 1000),
    coalesce(new.actor, 'direct SQL')
  from
    (
      select
        new.first_cursor + 1 as first_id,
        new.last_cursor as last_id,
        new.last_cursor - new.first_cursor as session_count
      where new.last_cursor is not null
      union all
      select
        (select min(s.rowid) from session_summaries as s),
        (select max(s.rowid) from session_summaries as s),
        (select count(*) from session_summaries)
      where
        coalesce(
          new.last_cursor,
          new.from_at,
          new.to_at,
          new.session_id
        ) is null
      union all
      select min(s.rowid), max(s.rowid), count(*)
      from session_summaries as s
      where
        new.session_id is null
        and coalesce(new.from_at, new.to_at) is not null
        and s.first_event_at >= coalesce(new.from_at, '')
        and s.first_event_at < coalesce(new.to_at, char(1114111))
      union all
      select min(s.rowid), max(s.rowid), count(*)
      from session_summaries as s
      where s.session_id = new.session_id
    ) as t
  having
    not exists (
      select 1
      from jobs as j
      where
        j.kind = new.kind
        and coalesce(j.params ->> '$.mode', '') = coalesce(
          new.params ->> '$.mode',
          ''
        )
        and j.state in ('running', 'paused', 'failed')
    );
end;
