-- 0023_hydration_chunks_texts
--
-- Why:         A copy brings JSON texts back byte by byte: JSONB keeps neither blanks nor the order of keys, so a part keeps what its rows do not tell.
-- Locks:       The write lock, for the catalogue change only.
-- Rewrites:    Nothing. The column is nullable and starts empty; the next hydrate fills it for parts that may change.
-- Undo:        The down file drops the column. What comes back then has its JSON texts in their plain form.
-- Transaction: one

alter table hydration_chunks
add column kept_texts blob;
