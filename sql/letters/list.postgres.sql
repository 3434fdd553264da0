-- A page of dead letters by number, found in ix_dead_letter_events_listing alone; state is open, replayed, purged,
-- resolved or all.
--
-- Returns: many

select
  d.dead_letter_id,
  d.reason,
  r.meaning,
  d.detail,
  d.source_id,
  s.path_shown,
  d.source_offset,
  d.record_bytes,
  d.created_at,
  d.attempts,
  d.resolved_at,
  d.resolution
from
  (
    select d.dead_letter_id
    from dead_letter_events as d
    where
      d.dead_letter_id > :after
      and (
        cast(:state as text) = 'all'
        or (cast(:state as text) = 'resolved' and d.resolution is not null)
        or coalesce(d.resolution, 'open') = cast(:state as text)
      )
      and (cast(:reason as text) is null or d.reason = cast(:reason as text))
      and (
        cast(:source as text) is null
        or d.source_id in (
          select s.source_id
          from sources as s
          where
            s.path_shown = cast(:source as text)
            or cast(s.source_id as text) = cast(:source as text)
        )
      )
      and (
        cast(cast(:since as text) as timestamptz) is null
        or d.created_at >= cast(cast(:since as text) as timestamptz)
      )
      and (
        cast(cast(:until as text) as timestamptz) is null
        or d.created_at < cast(cast(:until as text) as timestamptz)
      )
    order by d.dead_letter_id
    limit :most
  ) as p
  join dead_letter_events as d on d.dead_letter_id = p.dead_letter_id
  join dead_letter_reasons as r on r.reason = d.reason
  join sources as s on s.source_id = d.source_id
order by d.dead_letter_id;
