-- Closes the findings that no session has, as those of batches, that a run has not seen again.
--
-- Returns: none

update reconcile_findings
set
  state = 'gone',
  closed_run_id = :run_id
where
  state = 'open'
  and session_id = ''
  and last_seen_run_id < :run_id
  and (class != 'identity_mismatch' or :mode = 'full')
  and (class != 'wrong_batch_count' or cast(:batches_counted as integer) = 1);
