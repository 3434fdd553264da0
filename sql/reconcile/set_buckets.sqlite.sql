-- What a run has proved holds from now on.
--
-- Returns: none

insert into reconcile_buckets
  (
    range_number,
    day,
    sessions,
    events,
    digest,
    part_digests,
    proved_at,
    proved_run_id,
    deep_proved_at,
    deep_run_id
  )
select
  p.range_number,
  p.day,
  p.sessions,
  p.events,
  p.digest,
  p.part_digests,
  strftime('%Y-%m-%dT%H:%M:%f000Z', 'now'),
  p.run_id,
  strftime('%Y-%m-%dT%H:%M:%f000Z', 'now'),
  p.run_id
from reconcile_pending_buckets as p
where p.run_id = :run_id and p.digest is not null
on conflict (day, range_number) do update
  set
    sessions = excluded.sessions,
    events = excluded.events,
    proved_at = case
      when reconcile_buckets.digest = excluded.digest then reconcile_buckets.proved_at
      else excluded.proved_at
    end,
    proved_run_id = case
      when reconcile_buckets.digest = excluded.digest then reconcile_buckets.proved_run_id
      else excluded.proved_run_id
    end,
    digest = excluded.digest,
    part_digests = excluded.part_digests,
    deep_proved_at = excluded.deep_proved_at,
    deep_run_id = excluded.deep_run_id;
