-- 0002_orders_index: the index, where it is missing

select w.name
from (select 'ix_orders_ordered_on' as name) as w
where w.name not in (select s.name from sqlite_schema as s);
