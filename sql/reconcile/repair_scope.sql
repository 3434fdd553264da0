-- How many sessions a run has found that a rebuild mends, of how many, and how many may be repaired without being asked for more.
--
-- Returns: one
-- Not null: to_repair, sessions, percent, most

select
  (
    select count(distinct f.session_id)
    from repairable_findings as f
    where f.last_seen_run_id = :run_id
  ) as to_repair,
  (
    select count(*)
    from session_summaries
  ) as sessions,
  (
    select t.value
    from settings as t
    where t.setting = 'reconcile_max_repair_percent'
  ) as percent,
  (
    select t.value
    from settings as t
    where t.setting = 'reconcile_max_repair_sessions'
  ) as most;
