-- How many batches the store has, undone ones among them, and the end of its chain.
--
-- Returns: one
-- Not null: batch_count

select count(*) as batch_count, max(b.chain_position) as chain_position
from ingest_batches as b;
