-- derived_differences: derived rows that are not what their events add up to, with what is wrong; rows are violations.
--
-- Reads:   the three checks; audit_log and session_summaries, to tell a score of risk rules that were changed since
-- Needs:   check_session_summaries, check_command_stats, check_session_files
-- Differs: from sqlite in nothing but the spelling.
--
-- problem is the column, or in brackets what is wrong with the whole row: what drift_columns knows a class for. An hour is
-- how long after its statement a change of the rules may have been committed. Asked for some sessions it reads them alone.
create or replace view derived_differences as
  select
    cast('session_summaries' as text) as table_name,
    c.session_id,
    cast('' as text) as item,
    c.column_name,
    c.stored,
    c.expected,
    case
      when c.column_name = ''
      and c.stored is null then '(missing)'
      when c.column_name = '' then '(orphan)'
      when c.column_name = 'risk_score'
      and exists (
        select 1
        from session_summaries as s
        where
          s.session_id = c.session_id
          and s.created_at <= (
            select max(a.occurred_at) + interval '1 hour'
            from audit_log as a
            where a.table_name = 'risk_rules'
          )
      ) then '(stale)'
      else c.column_name
    end as problem
  from check_session_summaries as c
  union all
  select
    cast('command_stats' as text) as table_name,
    c.session_id,
    c.command as item,
    c.column_name,
    c.stored,
    c.expected,
    case
      when c.column_name = ''
      and c.stored is null then '(missing)'
      when c.column_name = '' then '(orphan)'
      when c.column_name = 'high_risk'
      and exists (
        select 1
        from session_summaries as s
        where
          s.session_id = c.session_id
          and s.created_at <= (
            select max(a.occurred_at) + interval '1 hour'
            from audit_log as a
            where a.table_name = 'risk_rules'
          )
      ) then '(stale)'
      else c.column_name
    end as problem
  from check_command_stats as c
  union all
  select
    cast('session_files' as text) as table_name,
    c.session_id,
    c.shasum as item,
    c.column_name,
    c.stored,
    c.expected,
    case
      when c.column_name = ''
      and c.stored is null then '(missing)'
      when c.column_name = '' then '(orphan)'
      else c.column_name
    end as problem
  from check_session_files as c;
