-- Dead letters that a purge empties next, by number.
--
-- Returns: many

select d.dead_letter_id
from dead_letter_events as d
where
  d.dead_letter_id > :after
  and d.purged_at is null
  and (d.resolved_at is not null or d.created_at < cast(:before as text))
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
  and (cast(:since as text) is null or d.created_at >= cast(:since as text))
  and (cast(:until as text) is null or d.created_at < cast(:until as text))
order by d.dead_letter_id
limit :most;
