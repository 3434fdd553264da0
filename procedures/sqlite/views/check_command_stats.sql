-- check_command_stats: command statistics that are not what the events of the session add up to; rows are violations.
--
-- Reads:   command_recount, command_stats, raw_events
-- Needs:   command_recount
-- Differs: from postgres in nothing but the spelling.
--
-- column_name is empty where a whole row is missing or has no events. Asked for some sessions it reads them alone.
create view check_command_stats as
  select
    j.session_id,
    j.command,
    k.key as column_name,
    case
      when j.is_missing then null
      else j.stored ->> k.key
    end as stored,
    case
      when j.is_missing then 'a row'
      else k.value
    end as expected
  from
    (
      select
        r.session_id,
        r.command,
        s.session_id is null as is_missing,
        json_object(
          'inputs',
          r.inputs,
          'successes',
          r.successes,
          'failures',
          r.failures,
          'occurrences',
          r.occurrences,
          'first_seen',
          r.first_seen,
          'last_seen',
          r.last_seen,
          'high_risk',
          r.high_risk
        ) as expected,
        json_object(
          'inputs',
          s.inputs,
          'successes',
          s.successes,
          'failures',
          s.failures,
          'occurrences',
          s.occurrences,
          'first_seen',
          s.first_seen,
          'last_seen',
          s.last_seen,
          'high_risk',
          s.high_risk
        ) as stored
      from
        command_recount as r
        left join command_stats as s
          on s.session_id = r.session_id and s.command = r.command
    ) as j
    cross join json_each(
      case
        when j.is_missing then '{"":1}'
        else j.expected
      end
    ) as k
  where
    j.stored is not j.expected
    and (j.is_missing or (j.stored ->> k.key) is not k.value)
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
        and e.occurred_at = s.first_seen
        and e.input = s.command
        and e.event_type in (
          'cowrie.command.input',
          'cowrie.command.success',
          'cowrie.command.failed'
        )
    )
    and not exists (
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
