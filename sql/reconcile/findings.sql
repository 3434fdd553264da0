-- What a run has found, a page of it.
--
-- Returns: many
-- Not null: is_new

select
  f.finding_id,
  f.class,
  f.table_name,
  f.session_id,
  f.item,
  f.column_name,
  f.stored,
  f.expected,
  case
    when f.first_seen_run_id = cast(:run_id as bigint) then 1
    else 0
  end as is_new
from reconcile_findings as f
where
  f.state = 'open'
  and f.last_seen_run_id = cast(:run_id as bigint)
  and f.finding_id > :after
order by f.finding_id
limit :row_limit;
