-- Notes that something is back, in the transaction that brings it back.
--
-- Returns: none

update hydration_objects
set
  state = 'back',
  changed_at = :now
where hydration_object_id = :hydration_object_id;
