-- open_clear: begins a job that takes back what a backfill of snapshots has filled, unless it is open already.
--
-- Takes:   filled_by_job_id: the backfill; batch_size; actor
-- Gives:   the number of the open job
-- Reads:   jobs
-- Calls:   open_job
-- Fails:   WR048 no backfill of snapshots has that number, or it is open; the codes of open_job
-- Differs: sqlite has a view with an INSTEAD OF trigger, and gives nothing.
create or replace function open_clear(
  filled_by_job_id bigint,
  batch_size bigint default null,
  actor text default null
)
returns bigint
language plpgsql
set search_path from current
as $$
begin
  if
    not exists (
      select
      from jobs as j
      where
        j.job_id = filled_by_job_id
        and j.kind = 'backfill_snapshots'
        and j.state in ('done', 'needs_attention', 'cancelled')
    )
  then
    raise exception using
      errcode = 'WR048',
      message = 'only a backfill of snapshots that has ended can be undone';
  end if;

  return open_job(
    'clear_snapshots',
    batch_size => open_clear.batch_size,
    actor => open_clear.actor,
    params => jsonb_build_object('job', filled_by_job_id)
  );
end;
$$;
