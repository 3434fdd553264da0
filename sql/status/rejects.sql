-- Dead letters by reason, most first.
--
-- Returns: many
-- Not null: letters

select d.reason, r.meaning, count(*) as letters
from
  dead_letter_events as d
  join dead_letter_reasons as r on r.reason = d.reason
group by d.reason, r.meaning
order by letters desc, d.reason;
