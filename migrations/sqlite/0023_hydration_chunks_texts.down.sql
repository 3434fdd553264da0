-- 0023_hydration_chunks_texts: undo
--
-- Why:         Takes back the up file.
-- Undo:        Apply the up file again, and run hydrate once more.

alter table hydration_chunks
drop column kept_texts;
