-- order_time: the instant of an event from the order in front of a pick.
--
-- Takes:   pick, of session_picks: 16 hexadecimal digits of time first
-- Gives:   the instant
-- Fails:   never
-- Differs: sqlite has the time of a pick in its text.
--
-- Undoes what session_picks does to a time. Whole hours and the rest apart: an interval is multiplied as a double, which holds
-- no more than 285 years of microseconds. PostgreSQL puts the body in place of the call.
create or replace function order_time(pick text)
returns timestamptz
language sql
stable
parallel safe
return cast('2000-01-01 00:00:00+00' as timestamptz) + make_interval(
  hours =>
    (('x' || left(pick, 16))::bit(64)::bigint / 3600000000)::integer - 17544000
) + (
  ('x' || left(pick, 16))::bit(64)::bigint % 3600000000
) * interval '1 microsecond';
