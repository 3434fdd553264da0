-- A page of dead letters by number, found in ix_dead_letter_events_listing alone; state is open, replayed, purged,
-- resolved or all.
--
-- With: asked
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
    select a.dead_letter_id
    from asked as a
    where
      a.dead_letter_id > :after
      and (
        cast(:state as text) = 'all'
        or (cast(:state as text) = 'resolved' and a.resolution is not null)
        or coalesce(a.resolution, 'open') = cast(:state as text)
      )
    order by a.dead_letter_id
    limit :most
  ) as p
  join dead_letter_events as d on d.dead_letter_id = p.dead_letter_id
  join dead_letter_reasons as r on r.reason = d.reason
  join sources as s on s.source_id = d.source_id
order by d.dead_letter_id;
