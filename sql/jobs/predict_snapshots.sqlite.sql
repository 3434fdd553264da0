-- How many sessions of a range a backfill of snapshots would give which status.
--
-- Returns: many
-- Not null: snapshot_status, row_count

select x.snapshot_status, count(*) as row_count
from session_snapshots as x
where
  x.summary_id > :after_id
  and x.summary_id <= :up_to_id
  and x.first_event_at >= :from_at
  and x.first_event_at < :to_at
  and x.is_due
group by x.snapshot_status;
