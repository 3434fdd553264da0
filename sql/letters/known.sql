-- The dead letters of a source that stand and lie in a range of its bytes, where loads have read it before: a record that is
-- refused there again has its letter already. Whatever an undo has taken away does not stand.
--
-- Returns: many

select d.source_offset, d.record_digest
from
  ingest_batches as b
  join dead_letter_events as d on d.batch_id = b.batch_id
where
  b.source_id = :source_id
  and b.kind = 'load'
  and b.first_offset < :end_offset
  and b.end_offset > :first_offset
  and d.resolution is distinct from 'undone'
  and d.source_offset between :first_offset and :end_offset
order by d.source_offset;
