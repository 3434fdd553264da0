-- 0003_session_summaries_copy: rows that say one thing under the old name and another under the new one
--
-- Until: 0005_session_summaries_contract

select s.session_id, s.snapshot_ip_types, s.snapshot_ip_type
from session_summaries as s
where s.snapshot_ip_type is distinct from s.snapshot_ip_types;
