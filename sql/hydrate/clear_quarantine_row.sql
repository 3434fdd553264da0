-- Forgets a row that was kept out, before it is copied anew.
--
-- Returns: many

delete from hydration_quarantine
where table_name = :table_name and last_key = :last_key and row_key = :row_key
returning hydration_quarantine_id;
