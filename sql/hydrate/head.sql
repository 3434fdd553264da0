-- How many batches a store has, and where its chain ends.
--
-- Returns: one
-- Not null: batches

select count(*) as batches, max(b.chain_position) as chain_position
from ingest_batches as b;
