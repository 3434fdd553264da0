-- jobs_before_insert: a job begins at its beginning, and takes the place of no other.
--
-- Reads:  jobs; store_state
-- Fails:  WR044 it begins elsewhere; WR045 there is one with this number, or one of its kind and mode is open; WR056 the store is not open
-- Differs: REPLACE deletes without a trigger, so that a key which is there is refused here.
create trigger tr_jobs_before_insert
before insert on jobs
begin
  select
    raise(abort, 'WR056 the store is not open, or another has taken its place')
  from store_state as s
  where s.state != 'open';

  select raise(abort, 'WR044 a job begins at its beginning')
  where
    new.state != 'running'
    or new.phase = 'end'
    or new.processed != 0
    or new.failed_batches != 0;

  select raise(abort, 'WR045 a job cannot be replaced while it is open or kept')
  where
    exists (
      select 1
      from jobs as j
      where
        j.job_id = new.job_id
        or (
          j.kind = new.kind
          and coalesce(j.params ->> '$.mode', '') = coalesce(
            new.params ->> '$.mode',
            ''
          )
          and j.state in ('running', 'paused', 'failed')
        )
    );
end;
