-- Batches that have no place in the chain; there should be none.
--
-- Returns: many

select b.batch_id
from ingest_batches as b
where b.chain_position is null
order by b.batch_id
limit 100;
