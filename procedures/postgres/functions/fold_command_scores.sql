-- fold_command_scores: remembers the score of every command line that one batch shows for the first time.
--
-- Takes:   batch_id
-- Gives:   nothing
-- Reads:   event_contributions
-- Writes:  command_scores
-- Fails:   never
-- Differs: sqlite has a view with an INSTEAD OF trigger.
--
-- Called by fold_batch alone.
create or replace function fold_command_scores(batch_id bigint)
returns void
language plpgsql
set search_path from current
as $$
begin
  -- One event stands for all of its type and command, so that each new command is searched by the rules once.
  insert into command_scores (event_type, command, risk_score)
  select c.event_type, c.command, c.line_risk
  from
    (
      select min(e.event_id) as event_id
      from event_contributions as e
      where
        e.event_id >= fold_command_scores.batch_id * 1048576
        and e.event_id < (fold_command_scores.batch_id + 1) * 1048576
        and e.command is not null
      group by e.event_type, e.command
    ) as f
    join event_contributions as c
      on c.event_id = f.event_id
  where
    not exists (
      select 1
      from command_scores as s
      where
        s.command_digest = text_digest(c.command)
        and s.event_type = c.event_type
    )
  order by c.event_type, c.command
  on conflict (command_digest, event_type) do nothing;
end;
$$;
