-- The dead letters that filters leave: a reason, a source by its number or path, times from one until another; null takes all.
with
  asked as (
    select
      d.dead_letter_id,
      d.source_id,
      d.source_offset,
      d.record_bytes,
      d.record,
      d.record_tail,
      d.reason,
      d.rules_version,
      d.version_attempts,
      d.created_at,
      d.resolved_at,
      d.resolution,
      d.purged_at
    from dead_letter_events as d
    where
      (cast(:reason as text) is null or d.reason = cast(:reason as text))
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
  )
select a.dead_letter_id
from asked as a;
