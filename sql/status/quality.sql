-- What is wrong with the data, a line for each view that says what; the ones that alert first.
--
-- Returns: many
-- Not null: measure, findings, is_alert, meaning

select
  q.measure,
  q.findings,
  case
    when q.is_alert then 1
    else 0
  end as is_alert,
  q.meaning
from data_quality as q
order by is_alert desc, q.measure;
