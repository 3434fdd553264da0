-- command_recount: what the statistics of a session's command must be, counted from its events at once.
--
-- Reads:   event_contributions
-- Needs:   event_contributions
-- Differs: from sqlite in nothing but the spelling.
create or replace view command_recount as
  select
    p.session_id,
    p.command,
    p.inputs,
    p.successes,
    p.failures,
    case
      when p.inputs > 0 then p.inputs
      else p.successes + p.failures
    end as occurrences,
    p.first_seen,
    p.last_seen,
    p.high_risk
  from
    (
      select
        c.session_id,
        c.command,
        count(
          case
            when c.event_type = 'cowrie.command.input' then 1
          end
        ) as inputs,
        count(
          case
            when c.event_type = 'cowrie.command.success' then 1
          end
        ) as successes,
        count(
          case
            when c.event_type = 'cowrie.command.failed' then 1
          end
        ) as failures,
        min(c.occurred_at) as first_seen,
        max(c.occurred_at) as last_seen,
        greatest(max(c.line_risk), max(c.field_risk)) >= 70 as high_risk
      from event_contributions as c
      where c.session_id != '' and c.command is not null
      group by c.session_id, c.command
    ) as p;
