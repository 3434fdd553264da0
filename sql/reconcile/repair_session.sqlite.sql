-- Repairs a session.
--
-- Returns: none

insert into repair_session (run_id, session_id)
values (:run_id, :session_id);
