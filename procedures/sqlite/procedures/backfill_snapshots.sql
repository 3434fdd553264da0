-- backfill_snapshots: does one batch of giving sessions the snapshot that they lack.
--
-- Takes:  batch_size, in sessions; from_at, to_at: first event of the sessions to fill, as stored; session_id: one session. All may be NULL
-- Reads:  jobs
-- Calls:  open_job, where no job of the kind is open; run_job_batch
-- Fails:  the codes of open_job and run_job_batch
-- Differs: a view with an INSTEAD OF trigger does one batch; the procedure of postgres runs to the end.
--
-- insert into backfill_snapshots (batch_size) values (5000), again until select state from jobs says done.
create view backfill_snapshots as
  select
    cast(null as integer) as batch_size,
    cast(null as text) as from_at,
    cast(null as text) as to_at,
    cast(null as text) as session_id
  where false;

create trigger tr_backfill_snapshots_instead_of_insert
instead of insert on backfill_snapshots
begin
  insert into open_job (kind, from_at, to_at, session_id, batch_size)
  values
    (
      'backfill_snapshots',
      new.from_at,
      new.to_at,
      new.session_id,
      new.batch_size
    );

  insert into run_job_batch (job_id, batch_size)
  select j.job_id, new.batch_size
  from jobs as j
  where
    j.kind = 'backfill_snapshots'
    and j.state in ('running', 'paused', 'failed');
end;
