-- 0002_session_summaries_expand: a name that the table lacks
--
-- Until: 0005_session_summaries_contract

select w.name
from
  (
    values
      ('snapshot_ip_types'),
      ('snapshot_ip_type')
  ) as w (name)
where
  not exists (
    select 1
    from pg_catalog.pg_attribute as a
    where
      a.attrelid = 'session_summaries'::regclass
      and a.attname = w.name
      and not a.attisdropped
  );
