-- 0001_orders_create: undo
--
-- Why:         Takes back the up file.
-- Undo:        Apply the up file again; what the table held is lost.

drop table orders;
