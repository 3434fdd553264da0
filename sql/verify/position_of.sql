-- The place of a batch in the chain.
--
-- Returns: maybe

select chain_position
from ingest_batches
where batch_id = :batch_id;
