-- Ends an undo: what did not move is deleted, the touched sessions are derived anew.
--
-- Returns: none

insert into close_undo (batch_id) values (:batch_id);
