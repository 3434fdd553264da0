-- Ends an undo: what did not move is deleted, the touched sessions are derived anew.
--
-- Returns: none

call close_undo(cast(:batch_id as bigint));
