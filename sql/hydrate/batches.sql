-- Every batch with what tells that its events are as they were when they were copied.
--
-- Returns: many

select b.batch_id, b.events_accepted, b.chain_digest, b.undone_at
from ingest_batches as b
order by b.batch_id;
