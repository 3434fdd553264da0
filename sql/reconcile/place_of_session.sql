-- A session's place: the range, the part of it, the day, and what was proved of that bucket last.
--
-- Returns: maybe
-- Not null: day, part_number, from_session, before_session

select
  r.range_number,
  p.part_number,
  p.from_session,
  p.before_session,
  l.day,
  b.sessions,
  b.digest,
  b.part_digests,
  b.proved_run_id,
  b.deep_run_id,
  b.deep_proved_at
from
  session_lines as l
  join reconcile_ranges as r
    on r.from_session <= l.session_id and r.before_session > l.session_id
  join reconcile_parts as p
    on p.range_number = r.range_number
    and p.from_session <= l.session_id
    and p.before_session > l.session_id
  left join reconcile_buckets as b
    on b.day = l.day and b.range_number = r.range_number
where l.session_id = :session_id;
