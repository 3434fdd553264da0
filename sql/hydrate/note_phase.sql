-- Says what a run does from now on.
--
-- Returns: none

update hydrations
set phase = :phase
where hydration_id = :hydration_id;
