-- field_score: the greatest rule that a field beside the command line meets.
--
-- Takes:   event_type and the fields that a rule may look at
-- Gives:   the score, or NULL where no rule fits
-- Reads:   risk_rules
-- Fails:   never
-- Differs: sqlite has the search inside event_contributions.
create or replace function field_score(
  event_type text,
  username text,
  password text,
  url text,
  shasum text,
  src_ip text,
  hassh text
)
returns integer
language sql
stable
parallel safe
return (
  select max(r.score)
  from
    (
      select
        q.score,
        q.match,
        q.pattern,
        lower(
          case q.field
            when 'username' then username
            when 'password' then password
            when 'url' then url
            when 'shasum' then shasum
            when 'src_ip' then src_ip
            when 'hassh' then hassh
          end collate "C"
        ) as value
      from risk_rules as q
      where
        q.event_type = field_score.event_type
        and q.field not in ('event_type', 'input')
    ) as r
  where
    case r.match
      when 'equals' then r.value = r.pattern
      when 'prefix' then starts_with(r.value, r.pattern)
      else strpos(r.value, r.pattern) > 0
    end
);
