-- How fast a copy is, where nothing better is known: what each phase does in a second, and where that was measured.
--
-- Returns: many
-- Not null: phase, unit, per_second, measured
-- Differs: postgres is written over several connections.

select
  r.phase,
  r.unit,
  cast(r.per_second as double precision) as per_second,
  r.measured
from
  (
    select
      'load' as phase,
      'bytes' as unit,
      5000000.0 as per_second,
      '60,000 events on 2 cores shared with the server and others, 2026-11-22' as measured
    union all
    select
      'index',
      'rows',
      40000.0,
      '60,000 events on 2 cores shared with the server and others, 2026-11-22'
    union all
    select
      'verify',
      'rows',
      18000.0,
      '60,000 events on 2 cores shared with the server and others, 2026-11-22'
  ) as r
order by r.phase;
