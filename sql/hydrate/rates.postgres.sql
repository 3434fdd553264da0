-- How fast a copy is, where nothing better is known: what each phase does in a second, and where that was measured.
--
-- Returns: many
-- Not null: phase, unit, per_second, measured
-- Differs: sqlite is written by one thread alone.

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
      41000000.0 as per_second,
      '2,047,794 events on 2 cores shared with the server, 2026-11-22' as measured
    union all
    select
      'index',
      'rows',
      265000.0,
      '2,047,794 events on 2 cores shared with the server, 2026-11-22'
    union all
    select
      'verify',
      'rows',
      49000.0,
      '2,047,794 events on 2 cores shared with the server, 2026-11-22'
  ) as r
order by r.phase;
