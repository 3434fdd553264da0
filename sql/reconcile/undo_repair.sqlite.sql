-- Puts back what a repair replaced.
--
-- Returns: none

insert into undo_repair (repair_id)
values (:repair_id);
