-- jobs_before_delete: a job that is open is kept, and so is one that has left sessions out.
--
-- Reads:  job_failures
-- Fails:  WR045 it is open, or sessions are noted with it
-- Differs: says of the failures what the foreign key says in postgres; foreign keys may be off here.
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
end;
