-- command_comparisons: the commands of each session that has a summary, and whether command_stats has them so.
--
-- Reads:   session_summaries, whose rows say which sessions; event_contributions; command_stats
-- Needs:   event_contributions
-- Differs: postgres compares in command_differences, in one pass; booleans are 0 or 1.
--
-- action is what a rebuild would do, NULL where the row is right. A command is high risk where its greatest rule scores 70 or
-- more. Rows to delete are not here; where none is inserted there are some if command_stats has more rows than these.
create view command_comparisons as
  select
    r.summary_id,
    r.session_id,
    r.stored_first_at,
    r.command,
    case
      when t.session_id is null then 'insert'
      when (
        r.inputs,
        r.successes,
        r.failures,
        r.first_seen,
        r.last_seen,
        r.high_risk
      ) is not (
        t.inputs,
        t.successes,
        t.failures,
        t.first_seen,
        t.last_seen,
        t.high_risk
      ) then 'update'
    end as action,
    r.inputs,
    r.successes,
    r.failures,
    r.first_seen,
    r.last_seen,
    r.high_risk
  from
    (
      select
        k.rowid as summary_id,
        k.session_id,
        k.first_event_at as stored_first_at,
        c.command,
        count(*) filter (where c.event_type = 'cowrie.command.input') as inputs,
        count(*) filter (
          where c.event_type = 'cowrie.command.success'
        ) as successes,
        count(*) filter (
          where c.event_type = 'cowrie.command.failed'
        ) as failures,
        min(c.occurred_at) as first_seen,
        max(c.occurred_at) as last_seen,
        max(max(c.line_risk), max(c.field_risk)) >= 70 as high_risk
      from
        session_summaries as k
        cross join event_contributions as c on c.session_id = k.session_id
      where
        c.event_type in (
          'cowrie.command.input',
          'cowrie.command.success',
          'cowrie.command.failed'
        )
        and c.command is not null
      group by k.rowid, k.session_id, k.first_event_at, c.command
    ) as r
    left join command_stats as t
      on t.session_id = r.session_id and t.command = r.command;
