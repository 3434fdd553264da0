-- What the repairs of a run came to: sessions repaired, sessions of these that a second pass has found right, sessions that still differ.
--
-- Returns: one
-- Not null: applied, reverified, still_open

select
  count(*) as applied,
  count(
    case
      when not exists (
        select 1
        from repairable_findings as f
        where
          f.session_id = r.session_id
          and f.last_seen_run_id = cast(:run_id as bigint)
      ) then 1
    end
  ) as reverified,
  (
    select count(distinct f.session_id)
    from repairable_findings as f
    where f.last_seen_run_id = cast(:run_id as bigint)
  ) as still_open
from repairs as r
where r.run_id = cast(:run_id as bigint);
