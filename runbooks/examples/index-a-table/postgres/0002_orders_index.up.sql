-- 0002_orders_index
--
-- Why:         Orders of a day are found without reading all of them.
-- Locks:       SHARE UPDATE EXCLUSIVE on orders: readers and writers go on; it waits for transactions that are older.
-- Rewrites:    Nothing. The table is read twice.
-- Undo:        The down file drops the index.
-- Transaction: none
-- Differs:     sqlite builds an index under the write lock, in a transaction.
--
-- It bears being run twice: a run that died behind it finds the index there, and one that died in it leaves an index that is not
-- valid, which the runner drops first.

create index concurrently if not exists ix_orders_ordered_on on orders (
  ordered_on
);
