-- Counts an attempt for dead letters that are still refused.
--
-- Returns: none

update dead_letter_events
set
  attempts = attempts + 1,
  version_attempts = case
    when rules_version = cast(:rules_version as text) then version_attempts + 1
    else 1
  end,
  rules_version = cast(:rules_version as text)
where
  resolved_at is null
  and (
    rules_version is distinct from cast(:rules_version as text)
    or version_attempts < (
      select t.value
      from settings as t
      where t.setting = 'replay_attempts'
    )
  )
  and dead_letter_id in (
    select cast(i.value as bigint)
    from
      jsonb_array_elements_text(cast(cast(:letters as text) as jsonb)) as i (
        value
      )
  );
