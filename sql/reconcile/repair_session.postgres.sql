-- Repairs a session.
--
-- Returns: none

select from repair_session(:run_id, :session_id);
