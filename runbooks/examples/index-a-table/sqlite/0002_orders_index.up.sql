-- 0002_orders_index
--
-- Why:         Orders of a day are found without reading all of them.
-- Locks:       The write lock for a scan of orders; readers of a database with a write-ahead log go on.
-- Rewrites:    Nothing. The table is read once.
-- Undo:        The down file drops the index.
-- Transaction: one
-- Differs:     postgres builds it concurrently, outside of any transaction.
--
-- lint: lock-long: SQLite knows no other way; orders has some hundred rows.

create index ix_orders_ordered_on on orders (ordered_on);
