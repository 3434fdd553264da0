-- Moves the events of an undo into the open carry batch made for them.
--
-- Returns: none

call carry_events(cast(:batch_id as bigint));
