-- A session's bucket: the range, the day, and what was proved of it last.
--
-- Returns: maybe
-- Not null: day

select
  r.range_number,
  r.from_session,
  r.before_session,
  l.day,
  b.digest,
  b.proved_run_id,
  b.deep_run_id,
  b.deep_proved_at
from
  session_lines as l
  join reconcile_ranges as r
    on r.from_session <= l.session_id and r.before_session > l.session_id
  left join reconcile_buckets as b
    on b.day = l.day and b.range_number = r.range_number
where l.session_id = :session_id;
