-- Puts back what a repair replaced.
--
-- Returns: none

select from undo_repair(:repair_id);
