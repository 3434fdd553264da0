-- A page of dead letters by number, chosen from those that one filter leaves, which sql/letters/breadth has found to be few.
--
-- Returns: many
--
-- What is few is read whole and sorted; a walk in the order of the numbers would read all letters to find a rare one.
-- A cross join keeps SQLite from walking the letters to look for those of the page.

with
  few as materialized (
    select d.dead_letter_id, d.reason, d.source_id, d.created_at, d.resolution
    from dead_letter_events as d
    where
      cast(:narrowest as text) = 'reason'
      and d.reason = cast(:reason as text)
    union all
    select d.dead_letter_id, d.reason, d.source_id, d.created_at, d.resolution
    from dead_letter_events as d
    where
      cast(:narrowest as text) = 'source'
      and d.source_id in (
        select s.source_id
        from sources as s
        where
          s.path_shown = cast(:source as text)
          or cast(s.source_id as text) = cast(:source as text)
      )
    union all
    select d.dead_letter_id, d.reason, d.source_id, d.created_at, d.resolution
    from dead_letter_events as d
    where cast(:narrowest as text) = 'open' and d.resolved_at is null
    union all
    select d.dead_letter_id, d.reason, d.source_id, d.created_at, d.resolution
    from dead_letter_events as d
    where cast(:narrowest as text) = 'resolved' and d.resolved_at is not null
    union all
    select d.dead_letter_id, d.reason, d.source_id, d.created_at, d.resolution
    from dead_letter_events as d
    where
      cast(:narrowest as text) = 'time'
      and d.created_at >= coalesce(cast(:since as text), '')
      and d.created_at < coalesce(cast(:until as text), '~')
  )
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
    select f.dead_letter_id
    from few as f
    where
      f.dead_letter_id > :after
      and (
        cast(:state as text) = 'all'
        or (cast(:state as text) = 'resolved' and f.resolution is not null)
        or coalesce(f.resolution, 'open') = cast(:state as text)
      )
      and (cast(:reason as text) is null or f.reason = cast(:reason as text))
      and (
        cast(:source as text) is null
        or f.source_id in (
          select s.source_id
          from sources as s
          where
            s.path_shown = cast(:source as text)
            or cast(s.source_id as text) = cast(:source as text)
        )
      )
      and (cast(:since as text) is null or f.created_at >= cast(:since as text))
      and (cast(:until as text) is null or f.created_at < cast(:until as text))
    order by f.dead_letter_id
    limit :most
  ) as p
  cross join dead_letter_events as d on d.dead_letter_id = p.dead_letter_id
  join dead_letter_reasons as r on r.reason = d.reason
  join sources as s on s.source_id = d.source_id
order by d.dead_letter_id;
