-- Closes the findings of a range of sessions that a run has not seen again.
--
-- Returns: none

update reconcile_findings
set
  state = 'gone',
  closed_run_id = :run_id
where
  state = 'open'
  and session_id >= :from_session
  and session_id < :before_session
  and session_id != ''
  and last_seen_run_id < :run_id
  and (class != 'identity_mismatch' or :mode = 'full');
