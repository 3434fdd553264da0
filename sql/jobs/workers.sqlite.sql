-- Open jobs of a kind that have a worker, and whether it has given a sign of life within its lease.
--
-- Returns: many
-- Not null: is_alive

select
  j.job_id,
  j.fence,
  j.worker,
  j.actor,
  j.heartbeat_at,
  case
    when julianday(j.heartbeat_at) > julianday('now') - (
      select t.value / 86400.0
      from settings as t
      where t.setting = 'job_lease_seconds'
    ) then 1
    else 0
  end as is_alive
from jobs as j
where
  j.kind = :kind
  and j.state in ('running', 'paused', 'failed')
  and j.worker is not null;
