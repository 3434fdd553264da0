-- Takes entries away from the journal, given as a JSON list of their numbers.
--
-- Returns: none
-- Differs: postgres has numbers that are not in the order of commits.

delete from hydration_journal
where
  journal_id in (
    select j.value
    from json_each(:ids) as j
  );
