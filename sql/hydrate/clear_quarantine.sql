-- Forgets the rows of a part of a table that were kept out, before it is copied anew.
--
-- Returns: none

delete from hydration_quarantine
where table_name = :table_name and last_key = :last_key;
