-- Open dead letters that may be tried under a version of the rules, by source and number; whole ones.
--
-- Returns: many

select
  d.source_id,
  d.dead_letter_id,
  d.source_offset,
  d.record_bytes,
  d.record
from dead_letter_events as d
where
  (d.source_id, d.dead_letter_id) > (:after_source, :after_letter)
  and d.dead_letter_id <= :last_letter
  and d.record_tail is null
  and (
    d.rules_version is distinct from cast(:rules_version as text)
    or d.version_attempts < (
      select t.value
      from settings as t
      where t.setting = 'replay_attempts'
    )
  )
  and d.resolved_at is null
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
  and (cast(:since as text) is null or d.created_at >= cast(:since as text))
  and (cast(:until as text) is null or d.created_at < cast(:until as text))
order by d.source_id, d.dead_letter_id
limit :most;
