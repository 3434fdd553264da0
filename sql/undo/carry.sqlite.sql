-- Moves the events of an undo into the open carry batch made for them.
--
-- Returns: none

insert into carry_events (batch_id) values (:batch_id);
