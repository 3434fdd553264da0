-- Dead letters by reason, most first; those that are undone are left out.
--
-- Returns: many
-- Not null: letters

select d.reason, r.meaning, count(*) as letters
from
  dead_letter_events as d
  join dead_letter_reasons as r on r.reason = d.reason
where d.resolution is distinct from 'undone'
group by d.reason, r.meaning
order by letters desc, d.reason;
