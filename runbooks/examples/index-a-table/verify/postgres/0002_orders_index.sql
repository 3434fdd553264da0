-- 0002_orders_index: the index, where it is missing or not valid

select w.name
from (values('ix_orders_ordered_on')) as w (name)
where
  not exists (
    select 1
    from
      pg_catalog.pg_index as i
      join pg_catalog.pg_class as c on c.oid = i.indexrelid
    where c.relname = w.name and i.indisvalid
  );
