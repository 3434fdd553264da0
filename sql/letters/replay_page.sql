-- Open dead letters that may be tried under a version of the rules, by source and number; whole ones.
--
-- With: asked
-- Returns: many

select
  a.source_id,
  a.dead_letter_id,
  a.source_offset,
  a.record_bytes,
  a.record
from asked as a
where
  (a.source_id, a.dead_letter_id) > (:after_source, :after_letter)
  and a.dead_letter_id <= :last_letter
  and a.record_tail is null
  and (
    a.rules_version is distinct from cast(:rules_version as text)
    or a.version_attempts < (
      select t.value
      from settings as t
      where t.setting = 'replay_attempts'
    )
  )
  and a.resolved_at is null
  and (
    cast(:letter as bigint) is null
    or a.dead_letter_id = cast(:letter as bigint)
  )
order by a.source_id, a.dead_letter_id
limit :most;
