-- Open dead letters that a replay passes over: those of which only the ends were kept, and those tried often enough.
--
-- Returns: one
-- Not null: last_letter, cut, exhausted

select
  coalesce(max(d.dead_letter_id), 0) as last_letter,
  count(*) filter (where d.record_tail is not null) as cut,
  count(*) filter (
    where
      d.record_tail is null
      and d.rules_version = cast(:rules_version as text)
      and d.version_attempts >= (
        select t.value
        from settings as t
        where t.setting = 'replay_attempts'
      )
  ) as exhausted
from
  dead_letter_events as d
  join ingest_batches as b on b.batch_id = d.batch_id
where
  d.resolved_at is null
  and b.undone_at is null
  and (
    cast(:letter as bigint) is null
    or d.dead_letter_id = cast(:letter as bigint)
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
