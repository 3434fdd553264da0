-- undo_backfill: does one batch of taking back what a backfill of snapshots has filled.
--
-- Takes:  job_id: the backfill; batch_size, in sessions, may be NULL
-- Reads:  jobs
-- Calls:  open_clear; run_job_batch
-- Fails:  the codes of open_clear and run_job_batch
-- Differs: a view with an INSTEAD OF trigger does one batch; the procedure of postgres runs to the end.
--
-- insert into undo_backfill (job_id) values (7), again until select state from jobs says done.
create view undo_backfill as
  select
    cast(null as integer) as job_id,
    cast(null as integer) as batch_size
  where false;

create trigger tr_undo_backfill_instead_of_insert
instead of insert on undo_backfill
begin
  insert into open_clear (filled_by_job_id, batch_size)
  values (new.job_id, new.batch_size);

  insert into run_job_batch (job_id, batch_size)
  select j.job_id, new.batch_size
  from jobs as j
  where
    j.kind = 'clear_snapshots'
    and j.state in ('running', 'paused', 'failed');
end;
