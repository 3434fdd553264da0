-- check_command_stats: command statistics that are not what the events of the session add up to; rows are violations.
--
-- Reads:   command_recount, command_stats, raw_events
-- Needs:   command_recount
-- Differs: from sqlite in nothing but the spelling.
--
-- column_name is empty where a whole row is missing or has no events. Asked for some sessions it reads them alone.
create or replace view check_command_stats as
  select
    r.session_id,
    r.command,
    k.key as column_name,
    case
      when s.session_id is not null then j.stored ->> k.key
    end as stored,
    case
      when s.session_id is null then 'a row'
      else k.value
    end as expected
  from
    command_recount as r
    left join command_stats as s
      on s.session_id = r.session_id
      and s.command_digest = text_digest(r.command)
    cross join lateral (
      select
        to_jsonb(s) as stored,
        to_jsonb(r) - array['session_id', 'command'] as expected
      offset 0
    ) as j
    cross join lateral jsonb_each_text(
      case
        when s.session_id is null then '{"": 1}'::jsonb
        else j.expected
      end
    ) as k
  where
    (
      r.inputs,
      r.successes,
      r.failures,
      r.occurrences,
      r.first_seen,
      r.last_seen,
      r.high_risk
    ) is distinct from (
      s.inputs,
      s.successes,
      s.failures,
      s.occurrences,
      s.first_seen,
      s.last_seen,
      s.high_risk
    )
    and (s.session_id is null or (j.stored ->> k.key) is distinct from k.value)
  union all
  select
    s.session_id,
    s.command,
    '' as column_name,
    'a row' as stored,
    null as expected
  from command_stats as s
  where
    not exists (
      select 1
      from raw_events as e
      where
        e.session_id = s.session_id
        and e.input = s.command
        and e.event_type in (
          'cowrie.command.input',
          'cowrie.command.success',
          'cowrie.command.failed'
        )
    );
