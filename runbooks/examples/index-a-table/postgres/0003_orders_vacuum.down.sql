-- 0003_orders_vacuum: undo
--
-- Why:         There is nothing to take back.
-- Undo:        Apply the up file again.

select 1;
