-- The links of the chain behind a position, with what each batch says of itself in short.
--
-- Returns: many

select
  b.chain_position,
  b.batch_id,
  b.batch_digest,
  b.chain_digest,
  b.record_digest,
  b.sealed_at,
  b.undone_at,
  b.records_read,
  b.events_accepted,
  b.first_offset,
  b.end_offset
from ingest_batches as b
where b.chain_position > :after_position
order by b.chain_position
limit :row_limit;
