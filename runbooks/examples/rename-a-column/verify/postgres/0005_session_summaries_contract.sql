-- 0005_session_summaries_contract: the old column, where it is still there

select a.attname
from pg_catalog.pg_attribute as a
where
  a.attrelid = 'session_summaries'::regclass
  and a.attname = 'snapshot_ip_types'
  and not a.attisdropped;
