-- 0002_orders_index: undo
--
-- Why:         Takes back the up file; readers and writers go on.
-- Undo:        Apply the up file again.
-- Transaction: none

drop index concurrently if exists ix_orders_ordered_on;
