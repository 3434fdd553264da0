-- Takes the events of a batch as a stream; one that the store has already refuses them all with 23505.
--
-- Returns: none
--
-- SQLite has no COPY; insert_batch is all it needs.

select 1;
