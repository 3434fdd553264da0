-- What the audit log holds, newest first, of one table and one actor where they are given, since a time.
--
-- Returns: many

select
  a.audit_id,
  a.occurred_at,
  a.actor,
  a.database_user,
  a.command,
  a.table_name,
  a.row_key,
  a.action,
  a.before,
  a.after
from audit_log as a
where
  (:table_name = '' or a.table_name = :table_name)
  and (:actor = '' or a.actor = :actor)
  and a.occurred_at >= :since
order by a.audit_id desc
limit :row_limit;
