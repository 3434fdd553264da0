-- cowriedb-pg-cron: has PostgreSQL itself look after derived rows where nothing but the database can run.
--
-- Run it once with psql in the database that cron.database_name of the server names (postgres, unless it was changed), as a
-- role that may call cron.schedule_in_database. The store and the owner of its schema are both called cowrie here.
-- Run again it changes the jobs of the same names and adds none. To end one: select cron.unschedule('cowriedb-check').
--
-- What cannot run here is `cowriedb reconcile`: its certificates are BLAKE3, which the program computes and PostgreSQL does not
-- have. Without it there is no memory of what was proved, no class of findings and no chain. Where any machine can reach the
-- database, run the program there (cowriedb-reconcile.timer, .cron) and leave this file out: both at once would have the
-- rebuild mend on Sunday what the reconciliation should have told you of.
--
-- Whoever runs pg_cron should know:
--   Times are GMT, unless cron.timezone says otherwise.
--   A command is one transaction unless it is a single CALL, which may commit: put nothing before or behind it, no SET either.
--   A statement_timeout holds for all of a CALL: alter role cowrie in database cowrie set statement_timeout = 0.
--   Nobody is told of a failure; it stands in cron.job_run_details, which nobody empties, and in the log of the server.
--   A standby runs nothing. A job can be left out without a trace when workers are short, so watch the age of the last good
--   check and not the list of failures:
--     select max(end_time) from cron.job_run_details join cron.job using (jobid)
--     where jobname = 'cowriedb-check' and status = 'succeeded'

-- Every night: fails with what is wrong. It reads the sessions that were written in the last 25 hours, and all of the views
-- of data_quality; what was changed by hand in older ones is found by the rebuilds, whose corrections it tells of too.
select
  cron.schedule_in_database(
    'cowriedb-check',
    '10 2 * * *',
    $job$
do $check$
declare
  v_found text;
begin
  select string_agg(format('%s: %s', q.measure, q.findings), '; ' order by q.measure)
  into v_found
  from (
    select d.measure, d.findings
    from cowrie.data_quality as d
    where d.is_alert
    union all
    select 'derived rows that differ', count(*)
    from cowrie.derived_differences as d
    where
      d.problem <> '(stale)'
      and d.session_id = any (
        array(
          select s.session_id
          from cowrie.session_summaries as s
          where s.updated_at > now() - interval '25 hours'
        )
      )
    union all
    select 'rows that a rebuild has corrected', sum(j.rows_inserted + j.rows_updated + j.rows_deleted)
    from cowrie.jobs as j
    where j.finished_at > now() - interval '25 hours'
    union all
    select 'rebuilds that have not ended', count(*)
    from cowrie.jobs as j
    where j.kind <> 'reconcile' and j.finished_at is null and j.created_at < now() - interval '20 hours'
    union all
    select 'sessions that a rebuild has left out', count(*)
    from cowrie.job_failures as f
    where f.failed_at > now() - interval '25 hours'
  ) as q
  where q.findings > 0;

  if v_found is not null then
    raise exception 'cowriedb: %', v_found;
  end if;
end
$check$
$job$,
    'cowrie',
    'cowrie'
  );

-- Every week, summaries and files: writes what differs, batch by batch, each in a transaction of its own. One that is still at
-- work is not begun again. One that a session makes fail stays open and fails at the same place each week: the check tells of
-- it, and `cowriedb rebuild summaries`, run once from anywhere, takes it over, leaves that session out and names it.
select
  cron.schedule_in_database(
    'cowriedb-rebuild-summaries',
    '10 3 * * 0',
    $job$call cowrie.rebuild_summaries()$job$,
    'cowrie',
    'cowrie'
  );

-- Every week, the statistics of commands, a day later.
select
  cron.schedule_in_database(
    'cowriedb-rebuild-command-stats',
    '10 3 * * 1',
    $job$call cowrie.rebuild_command_stats()$job$,
    'cowrie',
    'cowrie'
  );

-- Every month: forgets the runs of these jobs after 90 days. It runs where pg_cron keeps its tables.
select
  cron.schedule(
    'cowriedb-forget-runs',
    '10 5 1 * *',
    $job$
delete from cron.job_run_details
where
  end_time < now() - interval '90 days'
  and jobid in (select jobid from cron.job where jobname like 'cowriedb-%')
$job$
  );
