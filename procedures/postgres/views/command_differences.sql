-- command_differences: command statistics that are not what the events add up to; rows with their action and the values they should have.
--
-- Reads:   session_summaries, whose rows say which sessions; event_contributions; command_stats
-- Needs:   event_contributions
-- Differs: sqlite adds up in command_comparisons and looks each command up; a row to delete has the values stored there, none here.
--
-- Asked for a range of summary_id it reads those sessions alone. The events of a session and its rows as stored are grouped
-- together: measured, looking each command up by its digest took twice the time. A command is high risk where its greatest
-- rule scores 70 or more.
create or replace view command_differences as
  select
    k.summary_id,
    k.session_id,
    k.first_event_at + interval '0' as stored_first_at,
    d.command,
    case
      when d.stored_count = 0 then 'insert'
      when d.first_seen is null then 'delete'
      else 'update'
    end as action,
    d.inputs,
    d.successes,
    d.failures,
    d.first_seen,
    d.last_seen,
    d.high_risk
  from
    session_summaries as k
    cross join lateral (
      select
        v.command,
        count(v.stored_inputs) as stored_count,
        count(*) filter (where v.is_command_input) as inputs,
        count(*) filter (where v.is_command_success) as successes,
        count(*) filter (where v.is_command_failure) as failures,
        min(v.occurred_at) as first_seen,
        max(v.occurred_at) as last_seen,
        max(v.risk_score) >= 70 as high_risk
      from
        (
          select
            c.command,
            c.is_command_input,
            c.is_command_success,
            c.is_command_failure,
            c.occurred_at,
            greatest(c.line_risk, c.field_risk) as risk_score,
            cast(null as integer) as stored_inputs,
            cast(null as integer) as stored_successes,
            cast(null as integer) as stored_failures,
            cast(null as timestamptz) as stored_first_seen,
            cast(null as timestamptz) as stored_last_seen,
            cast(null as boolean) as stored_high_risk
          from event_contributions as c
          where c.session_id = k.session_id and c.command is not null
          union all
          select
            t.command,
            null,
            null,
            null,
            null,
            null,
            t.inputs,
            t.successes,
            t.failures,
            t.first_seen,
            t.last_seen,
            t.high_risk
          from command_stats as t
          where t.session_id = k.session_id
          offset 0
        ) as v
      group by v.command
      having
        (
          count(*) filter (where v.is_command_input),
          count(*) filter (where v.is_command_success),
          count(*) filter (where v.is_command_failure),
          min(v.occurred_at),
          max(v.occurred_at),
          max(v.risk_score) >= 70
        ) is distinct from (
          max(v.stored_inputs),
          max(v.stored_successes),
          max(v.stored_failures),
          max(v.stored_first_seen),
          max(v.stored_last_seen),
          bool_or(v.stored_high_risk)
        )
    ) as d;
