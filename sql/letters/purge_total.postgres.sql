-- How many dead letters a purge would empty, and how many of them are open.
--
-- Returns: one
-- Not null: letters, open, bytes

select
  count(*) as letters,
  count(*) filter (where d.resolved_at is null) as open,
  cast(
    coalesce(
      sum(length(d.record) + coalesce(length(d.record_tail), 0)),
      0
    ) as bigint
  ) as bytes
from dead_letter_events as d
where
  d.purged_at is null
  and (
    d.resolved_at is not null
    or d.created_at < cast(cast(:before as text) as timestamptz)
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
  );
