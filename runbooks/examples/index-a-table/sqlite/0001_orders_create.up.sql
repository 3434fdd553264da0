-- 0001_orders_create
--
-- Why:         The table as it was, so that the change can be rehearsed. Leave this file out where the table is there.
-- Locks:       The write lock, for the catalogue change only.
-- Rewrites:    Nothing. The table is new.
-- Undo:        The down file drops the table with all it holds.
-- Transaction: one

create table orders (
  order_id integer constraint pk_orders primary key,
  ordered_on text not null,
  note text
)
strict;

insert into orders (ordered_on, note)
with recursive
  c(n) as (
    select 0
    union all
    select n + 1 from c where n < 364
  )
select date('2026-01-01', n || ' days'), 'order ' || n
from c;
