-- Says what the store is to its readers and loaders from now on.
--
-- Returns: none

update store_state
set
  state = :state,
  moved_to = :moved_to,
  actor = :actor,
  changed_at = :now
where store_state_id = 1;
