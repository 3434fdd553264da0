-- command_score: the greatest rule that a command line meets.
--
-- Takes:   event_type, command
-- Gives:   the score, or NULL where no rule fits
-- Reads:   risk_rules
-- Fails:   never
-- Differs: sqlite has the search inside event_contributions.
create or replace function command_score(event_type text, command text)
returns integer
language sql
stable
parallel safe
return (
  select max(r.score)
  from
    (select lower(command collate "C") as value offset 0) as v
    join risk_rules as r
      on r.event_type = command_score.event_type and r.field = 'input'
  where
    case r.match
      when 'equals' then v.value = r.pattern
      when 'prefix' then starts_with(v.value, r.pattern)
      else strpos(v.value, r.pattern) > 0
    end
);
