-- 0003_orders_vacuum
--
-- Why:         The file gets as small as its rows are.
-- Locks:       The write lock while the file is written anew.
-- Rewrites:    The whole file, once, beside itself: as much space again is needed.
-- Undo:        There is nothing to take back.
-- Transaction: none

vacuum;
