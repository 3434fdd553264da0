-- jobs_before_delete: a job that is open is kept, and so is one that has left sessions out, and the one of a reconciliation.
--
-- Reads:  job_failures; reconcile_runs
-- Fails:  WR045 it is open, sessions are noted with it, or a run belongs to it
create or replace function tg_jobs_before_delete()
returns trigger
language plpgsql
security definer
set search_path from current
as $$
begin
  if old.state in ('running', 'paused', 'failed') then
    raise exception using
      errcode = 'WR045',
      message = 'a job that is open cannot be deleted; cancel it';
  end if;

  if exists (select 1 from job_failures as f where f.job_id = old.job_id) then
    raise exception using
      errcode = 'WR045',
      message = 'a job cannot be deleted while sessions that it left out are noted';
  end if;

  if exists (select 1 from reconcile_runs as r where r.job_id = old.job_id) then
    raise exception using
      errcode = 'WR045',
      message = 'the job of a reconciliation cannot be deleted';
  end if;

  return old;
end;
$$;

create or replace trigger tr_jobs_before_delete
before delete on jobs
for each row
execute function tg_jobs_before_delete();
