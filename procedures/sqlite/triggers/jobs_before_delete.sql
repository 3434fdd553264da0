-- jobs_before_delete: a job that is open is kept, and so is one that has left sessions out, and the one of a reconciliation.
--
-- Reads:  job_failures; reconcile_runs
-- Fails:  WR045 it is open, sessions are noted with it, or a run belongs to it
-- Differs: says of failures and runs what the foreign keys say in postgres; foreign keys may be off here.
create trigger tr_jobs_before_delete
before delete on jobs
begin
  select raise(abort, 'WR045 a job that is open cannot be deleted; cancel it')
  where old.state in ('running', 'paused', 'failed');

  select
    raise(
      abort,
      'WR045 a job cannot be deleted while sessions that it left out are noted'
    )
  where exists (select 1 from job_failures as f where f.job_id = old.job_id);

  select raise(abort, 'WR045 the job of a reconciliation cannot be deleted')
  where exists (select 1 from reconcile_runs as r where r.job_id = old.job_id);
end;
