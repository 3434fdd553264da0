-- Begins to undo a batch.
--
-- Returns: none

insert into open_undo (batch_id) values (:batch_id);
