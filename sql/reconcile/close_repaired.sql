-- Closes the findings of a session that a second pass has found to be right: repaired, or gone where nothing was left to do.
--
-- Returns: none

update reconcile_findings
set
  state = case
    when exists (
      select 1
      from repairs as r
      where
        r.run_id = cast(:run_id as bigint)
        and r.session_id = reconcile_findings.session_id
    ) then 'repaired'
    else 'gone'
  end,
  closed_run_id = :run_id
where
  finding_id in (
    select f.finding_id
    from repairable_findings as f
    where f.session_id = :session_id
  );
