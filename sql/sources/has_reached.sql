-- The source that has been read to this place, where there is one: a batch that ends here is committed, whatever became
-- of the answer.
--
-- Returns: maybe

select
  s.source_id,
  b.batch_id,
  b.records_read,
  b.events_accepted,
  b.events_duplicate,
  b.records_rejected,
  b.records_skipped
from
  sources as s
  join ingest_batches as b
    on b.source_id = s.source_id and b.end_offset = s.next_offset
where
  s.next_offset = :next_offset
  and s.prefix_digest = :prefix_digest
  and b.run_id = :run_id
  and b.sealed_at is not null
order by b.batch_id desc
limit 1;
