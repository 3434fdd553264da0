-- What was proved, a text a day: of these the digests of the days are made.
--
-- Returns: many
-- Not null: day, lines

select
  l.day,
  string_agg(l.line || ';', '' order by l.range_number) as lines
from reconcile_bucket_lines as l
group by l.day
order by l.day;
