-- Begins to undo a batch.
--
-- Returns: none

call open_undo(cast(:batch_id as bigint));
