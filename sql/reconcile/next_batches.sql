-- The next batches of the chain, with their events.
--
-- Returns: many

select batch_id, chain_position, events_accepted
from ingest_batches
where chain_position > :after_position and chain_position <= :up_to_position
order by chain_position
limit 100;
