-- Repairs of a run that are not undone, newest first, a page of them.
--
-- Returns: many
-- Not null: is_changed

select
  s.repair_id,
  s.session_id,
  case
    when s.is_changed then 1
    else 0
  end as is_changed
from repair_states as s
where s.run_id = :run_id and s.repair_id < :before
order by s.repair_id desc
limit :row_limit;
