-- Notes the JSON texts of a part of which rows were replaced.
--
-- Returns: none

update hydration_chunks
set kept_texts = :kept_texts
where table_name = :table_name and last_key = :last_key;
