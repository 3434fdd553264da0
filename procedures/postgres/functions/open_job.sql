-- open_job: begins a job, unless one of its kind and mode is open already.
--
-- Takes:   kind; from_at, to_at: of the first event of the sessions to work on, both or one may be NULL; session_id: the one
--          session to work on, or NULL; batch_size; actor; params, instead of the sessions: the mode of a reconciliation, the
--          job whose snapshots are cleared, the database that is adopted; of a reconciliation first_cursor, last_cursor: where its
--          steps begin and end; of an adoption the rows there
-- Gives:   the number of the open job
-- Reads:   session_summaries
-- Writes:  jobs
-- Fails:   WR041 a job of the kind and mode is open with other parameters
-- Differs: sqlite has a view with an INSTEAD OF trigger, and gives nothing.
--
-- The last summary to walk to is fixed here: what comes later is right from the seal.
create or replace function open_job(
  kind text,
  from_at timestamptz default null,
  to_at timestamptz default null,
  session_id text default null,
  batch_size bigint default null,
  actor text default null,
  params jsonb default null,
  first_cursor bigint default null,
  last_cursor bigint default null
)
returns bigint
language plpgsql
set search_path from current
as $$
declare
  v_params jsonb := coalesce(
    open_job.params,
    jsonb_build_object(
      'from', time_text(open_job.from_at),
      'to', time_text(open_job.to_at),
      'session', open_job.session_id
    )
  );
  v_mode text := coalesce(v_params ->> 'mode', '');
begin
  insert into jobs (kind, params, phase, cursor, last_cursor, total, batch_size, actor)
  select
    open_job.kind,
    v_params,
    case
      when open_job.kind in ('backfill_snapshots', 'clear_snapshots') then 'sessions'
      when open_job.kind <> 'reconcile' then 'missing'
      when v_mode = 'undo' then 'undoing'
      else 'proving'
    end,
    coalesce(open_job.first_cursor, min(s.summary_id) - 1, 0),
    coalesce(open_job.last_cursor, max(s.summary_id), 0),
    coalesce(open_job.last_cursor - open_job.first_cursor, count(*)),
    coalesce(open_job.batch_size, 1000),
    coalesce(open_job.actor, session_user::text)
  from session_summaries as s
  where
    open_job.last_cursor is null
    and s.first_event_at >= coalesce(open_job.from_at, '-infinity')
    and (open_job.to_at is null or s.first_event_at < open_job.to_at)
    and (open_job.session_id is null or s.session_id = open_job.session_id)
  on conflict do nothing;

  if
    exists (
      select 1
      from jobs as j
      where
        j.kind = open_job.kind
        and coalesce(j.params ->> 'mode', '') = v_mode
        and j.state in ('running', 'paused', 'failed')
        and j.params <> v_params
    )
  then
    raise exception using
      errcode = 'WR041',
      message = 'a job of this kind is open with other parameters; resume or cancel it';
  end if;

  return (
    select j.job_id
    from jobs as j
    where
      j.kind = open_job.kind
      and coalesce(j.params ->> 'mode', '') = v_mode
      and j.state in ('running', 'paused', 'failed')
  );
end;
$$;
