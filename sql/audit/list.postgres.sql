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
  (cast(:table_name as text) = '' or a.table_name = cast(:table_name as text))
  and (cast(:actor as text) = '' or a.actor = cast(:actor as text))
  and a.occurred_at >= cast(cast(:since as text) as timestamptz)
order by a.audit_id desc
limit cast(:row_limit as bigint);
