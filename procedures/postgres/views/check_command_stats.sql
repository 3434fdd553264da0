-- check_command_stats: command statistics that are not what the events of the session add up to; rows are violations.
--
-- Reads:   command_recount, command_stats
-- Needs:   command_recount
-- Differs: what the events say and what is stored is grouped together, and looked up only where it differs: measured on 68,000 events,
--          0.08 CPU seconds where looking up each command took 0.15. sqlite looks up.
--
-- column_name is empty where a whole row is missing or has no events. Asked for some sessions it reads them alone.
create or replace view check_command_stats as
  select
    d.session_id,
    d.command,
    k.key as column_name,
    case
      when j.expected is null then 'a row'
      else j.stored ->> k.key
    end as stored,
    case
      when j.expected is null then null
      when j.stored is null then 'a row'
      else k.value
    end as expected
  from
    (
      select v.session_id, v.command
      from
        (
          select
            r.session_id,
            r.command,
            r.inputs,
            r.successes,
            r.failures,
            r.occurrences,
            r.first_seen,
            r.last_seen,
            r.high_risk
          from command_recount as r
          union all
          select
            s.session_id,
            s.command,
            s.inputs,
            s.successes,
            s.failures,
            s.occurrences,
            s.first_seen,
            s.last_seen,
            s.high_risk
          from command_stats as s
        ) as v
      group by v.session_id, v.command
      having
        count(*) != 2
        or (
          min(v.inputs),
          min(v.successes),
          min(v.failures),
          min(v.occurrences),
          min(v.first_seen),
          min(v.last_seen),
          bool_and(v.high_risk)
        ) is distinct from (
          max(v.inputs),
          max(v.successes),
          max(v.failures),
          max(v.occurrences),
          max(v.first_seen),
          max(v.last_seen),
          bool_or(v.high_risk)
        )
    ) as d
    cross join lateral (
      select
        (
          select to_jsonb(s)
          from command_stats as s
          where
            s.session_id = d.session_id
            and s.command_digest = text_digest(d.command)
        ) as stored,
        (
          select to_jsonb(r) - array['session_id', 'command']
          from command_recount as r
          where r.session_id = d.session_id and r.command = d.command
        ) as expected
      offset 0
    ) as j
    cross join lateral jsonb_each_text(
      case
        when j.stored is null
        or j.expected is null then '{"": 1}'::jsonb
        else j.expected
      end
    ) as k
  where
    j.stored is null
    or j.expected is null
    or (j.stored ->> k.key) is distinct from k.value;
