-- 0002_orders_index: undo
--
-- Why:         Takes back the up file.
-- Undo:        Apply the up file again.

drop index ix_orders_ordered_on;
