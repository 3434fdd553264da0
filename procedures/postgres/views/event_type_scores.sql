-- event_type_scores: what the type of an event scores, whatever the event holds.
--
-- Reads:   risk_rules
-- Differs: sqlite has this query inside event_contributions.
create or replace view event_type_scores as
  select r.event_type, max(r.score) as score
  from risk_rules as r
  where
    r.field = 'event_type'
    and case r.match
      when 'equals' then lower(r.event_type collate "C") = r.pattern
      when 'prefix' then starts_with(lower(r.event_type collate "C"), r.pattern)
      else strpos(lower(r.event_type collate "C"), r.pattern) > 0
    end
  group by r.event_type;
