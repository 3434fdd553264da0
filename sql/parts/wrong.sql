-- Rows of derived tables that are not what the events give.
--
-- A score of a session that is older than the last change of the risk rules may be right by the rules of then.
with
  wrong as (
    select
      cast('session_summaries' as text) as table_name,
      c.session_id,
      cast('' as text) as item,
      cast(c.column_name as text) as column_name,
      cast(c.stored as text) as stored,
      cast(c.expected as text) as expected,
      case
        when c.column_name = 'risk_score'
        and exists (
          select 1
          from session_summaries as s
          where
            s.session_id = c.session_id
            and s.created_at <= :rules_changed_at
        ) then 1
        else 0
      end as is_older_score
    from check_session_summaries as c
    union all
    select
      cast('command_stats' as text) as table_name,
      c.session_id,
      cast(c.command as text) as item,
      cast(c.column_name as text) as column_name,
      cast(c.stored as text) as stored,
      cast(c.expected as text) as expected,
      case
        when c.column_name = 'high_risk'
        and exists (
          select 1
          from session_summaries as s
          where
            s.session_id = c.session_id
            and s.created_at <= :rules_changed_at
        ) then 1
        else 0
      end as is_older_score
    from check_command_stats as c
    union all
    select
      cast('session_files' as text) as table_name,
      c.session_id,
      cast(c.shasum as text) as item,
      cast(c.column_name as text) as column_name,
      cast(c.stored as text) as stored,
      cast(c.expected as text) as expected,
      0 as is_older_score
    from check_session_files as c
  )
select w.session_id
from wrong as w;
