-- What was proved of a day as one text.
--
-- Returns: maybe
-- Not null: day, lines

select
  l.day,
  string_agg(l.line || ';', '' order by l.range_number) as lines
from reconcile_bucket_lines as l
where l.day = :day
group by l.day;
