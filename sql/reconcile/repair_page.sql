-- Sessions that a run has found and a rebuild mends, a page of them, and whether the run has repaired them.
--
-- Returns: many
-- Not null: is_repaired

select
  f.session_id,
  case
    when exists (
      select 1
      from repairs as r
      where r.run_id = cast(:run_id as bigint) and r.session_id = f.session_id
    ) then 1
    else 0
  end as is_repaired
from repairable_findings as f
where
  f.last_seen_run_id = cast(:run_id as bigint)
  and (f.session_id > :after or :is_first = 1)
group by f.session_id
order by f.session_id
limit :row_limit;
