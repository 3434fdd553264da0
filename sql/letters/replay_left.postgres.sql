-- The last dead letter, and how many open ones a replay passes over: those of which only the ends were kept, and those
-- tried often enough. Reads these alone, however many others are open.
--
-- Returns: one
-- Not null: last_letter, cut, exhausted

with
  passed as materialized (
    select d.dead_letter_id, d.reason, d.source_id, d.created_at, 1 as is_cut
    from dead_letter_events as d
    where d.resolved_at is null and d.record_tail is not null
    union all
    select d.dead_letter_id, d.reason, d.source_id, d.created_at, 0
    from dead_letter_events as d
    where
      d.resolved_at is null
      and d.record_tail is null
      and d.rules_version = cast(:rules_version as text)
      and d.version_attempts >= (
        select t.value
        from settings as t
        where t.setting = 'replay_attempts'
      )
  )
select
  (
    select coalesce(max(d.dead_letter_id), 0) from dead_letter_events as d
  ) as last_letter,
  count(*) filter (where p.is_cut = 1) as cut,
  count(*) filter (where p.is_cut = 0) as exhausted
from passed as p
where
  (
    cast(:letter as bigint) is null
    or p.dead_letter_id = cast(:letter as bigint)
  )
  and (cast(:reason as text) is null or p.reason = cast(:reason as text))
  and (
    cast(:source as text) is null
    or p.source_id in (
      select s.source_id
      from sources as s
      where
        s.path_shown = cast(:source as text)
        or cast(s.source_id as text) = cast(:source as text)
    )
  )
  and (
    cast(cast(:since as text) as timestamptz) is null
    or p.created_at >= cast(cast(:since as text) as timestamptz)
  )
  and (
    cast(cast(:until as text) as timestamptz) is null
    or p.created_at < cast(cast(:until as text) as timestamptz)
  );
