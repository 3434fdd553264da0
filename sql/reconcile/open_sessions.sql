-- Sessions with open findings, a page of them.
--
-- Returns: many

select distinct f.session_id
from reconcile_findings as f
where f.state = 'open' and f.session_id != ''
order by f.session_id
limit 1000;
