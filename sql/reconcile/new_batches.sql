-- Where the batches begin that were sealed since a position of the chain.
--
-- Returns: one
-- Not null: first_event_id

select
  cast(
    coalesce(min(b.batch_id), 8796093022207) as bigint
  ) * 1048576 as first_event_id
from ingest_batches as b
where b.chain_position > :since_position;
