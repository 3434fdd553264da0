-- 0005_session_summaries_contract: the old column, where it is still there

select c.name
from pragma_table_info('session_summaries') as c
where c.name = 'snapshot_ip_types';
