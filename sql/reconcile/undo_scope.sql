-- What an undo of the repairs of a run would come to.
--
-- Returns: maybe
-- Not null: repairs, undone, changed

select
  n.run_id,
  n.mode,
  n.started_at,
  (
    select count(*)
    from repairs as r
    where r.run_id = n.run_id
  ) as repairs,
  (
    select count(*)
    from repairs as r
    where r.run_id = n.run_id and r.undone_at is not null
  ) as undone,
  (
    select
      coalesce(
        sum(
          case
            when s.is_changed then 1
            else 0
          end
        ),
        0
      )
    from repair_states as s
    where s.run_id = n.run_id
  ) as changed
from reconcile_runs as n
where n.run_id = :run_id;
