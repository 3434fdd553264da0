-- The classes with what a run has found: new, seen before and still open, gone since the last run, repaired by it; and on how
-- many of the last three days (UTC) with a run one of the day has found it. Many runs of one day are one night.
--
-- Returns: many
-- Not null: new_findings, open_findings, gone_findings, repaired_findings, nights

with
  proving_runs as (
    select
      r.run_id,
      substr(cast(r.started_at as text), 1, 10) as day
    from reconcile_runs as r
    where
      r.mode != 'quick'
      and (
        r.run_id = cast(:run_id as bigint)
        or (r.finished_at is not null and r.run_id < cast(:run_id as bigint))
      )
  ),
  last_days as (
    select p.run_id, p.day
    from proving_runs as p
    where
      p.day in (
        select t.day
        from proving_runs as t
        group by t.day
        order by max(t.run_id) desc
        limit 3
      )
  )
select
  k.class,
  k.counts_as,
  k.repair,
  k.meaning,
  coalesce(f.new_findings, 0) as new_findings,
  coalesce(f.open_findings, 0) as open_findings,
  coalesce(f.gone_findings, 0) as gone_findings,
  coalesce(f.repaired_findings, 0) as repaired_findings,
  coalesce(
    (
      select count(distinct n.day)
      from last_days as n
      where
        f.class is not null
        and (
          exists (
            select 1
            from reconcile_findings as g
            where
              g.class = k.class
              and g.first_seen_run_id <= n.run_id
              and g.last_seen_run_id >= n.run_id
          )
          or exists (
            select 1
            from repairs as x
            where
              x.run_id = n.run_id
              and concat(',', x.cause, ',') like concat('%,', k.class, ',%')
          )
        )
    ),
    0
  ) as nights
from
  drift_classes as k
  left join (
    select
      g.class,
      count(
        case
          when g.state = 'open'
          and g.last_seen_run_id = cast(:run_id as bigint)
          and g.first_seen_run_id = cast(:run_id as bigint) then 1
        end
      ) as new_findings,
      count(
        case
          when g.state = 'open' then 1
        end
      ) as open_findings,
      count(
        case
          when g.closed_run_id = cast(:run_id as bigint)
          and g.state = 'gone' then 1
        end
      ) as gone_findings,
      count(
        case
          when g.closed_run_id = cast(:run_id as bigint)
          and g.state = 'repaired' then 1
        end
      ) as repaired_findings
    from reconcile_findings as g
    group by g.class
  ) as f
    on f.class = k.class
order by k.class;
