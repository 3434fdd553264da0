-- The end of the chain.
--
-- Returns: maybe

select chain_position, chain_digest
from ingest_batches
where chain_position is not null
order by chain_position desc
limit 1;
