-- 0003_orders_vacuum
--
-- Why:         The planner knows the new index by fresh statistics, and scans of the index alone are possible at once.
-- Locks:       SHARE UPDATE EXCLUSIVE on orders: readers and writers go on.
-- Rewrites:    Nothing. The table is read.
-- Undo:        There is nothing to take back.
-- Transaction: none

vacuum analyze orders;
