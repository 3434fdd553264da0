-- open_clear: begins a job that takes back what a backfill of snapshots has filled, unless it is open already.
--
-- Takes:  filled_by_job_id: the backfill; batch_size; actor
-- Reads:  jobs
-- Calls:  open_job
-- Fails:  WR048 no backfill of snapshots has that number, or it is open; the codes of open_job
-- Differs: a view with an INSTEAD OF trigger; postgres has a function.
create view open_clear as
  select
    cast(null as integer) as filled_by_job_id,
    cast(null as integer) as batch_size,
    cast(null as text) as actor
  where false;

create trigger tr_open_clear_instead_of_insert
instead of insert on open_clear
begin
  select
    raise(
      abort,
      'WR048 only a backfill of snapshots that has ended can be undone'
    )
  where
    not exists (
      select 1
      from jobs as j
      where
        j.job_id = new.filled_by_job_id
        and j.kind = 'backfill_snapshots'
        and j.state in ('done', 'needs_attention', 'cancelled')
    );

  insert into open_job (kind, batch_size, actor, params)
  values
    (
      'clear_snapshots',
      new.batch_size,
      new.actor,
      json_object('job', new.filled_by_job_id)
    );
end;
