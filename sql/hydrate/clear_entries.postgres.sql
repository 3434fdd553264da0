-- Takes entries away from the journal, given as a JSON list of their numbers: numbers are not in the order of commits.
--
-- Returns: none
-- Differs: sqlite has them as they come.

delete from hydration_journal
where
  journal_id in (
    select cast(j.value as bigint)
    from
      jsonb_array_elements_text(cast(cast(:ids as text) as jsonb)) as j (value)
  );
