-- Notes what a run has proved of a bucket, to hold once the run is finished; without a digest it is proved no more.
--
-- Returns: none

insert into reconcile_pending_buckets
  (run_id, range_number, day, sessions, events, digest, part_digests)
values
  (:run_id, :range_number, :day, :sessions, :events, :digest, :part_digests)
on conflict (run_id, range_number, day) do update
  set
    sessions = excluded.sessions,
    events = excluded.events,
    digest = excluded.digest,
    part_digests = excluded.part_digests;
