-- 0002_session_summaries_expand: a name that the table lacks
--
-- Until: 0005_session_summaries_contract

select w.name
from
  (
    select 'snapshot_ip_types' as name
    union all
    select 'snapshot_ip_type'
  ) as w
where
  w.name not in (
    select c.name from pragma_table_info('session_summaries') as c
  );
