-- Bytes of logs that the batches from a position on stand for.
--
-- Returns: one
-- Not null: log_bytes

select cast(coalesce(sum(end_offset - first_offset), 0) as bigint) as log_bytes
from ingest_batches
where chain_position >= :from_position;
