-- Notes a part of a table as copied, in the transaction that copies it; nothing where the run is over, as after another has
-- taken its place.
--
-- Returns: many

insert into hydration_chunks
  (
    table_name,
    last_key,
    after_key,
    hydration_id,
    row_count,
    byte_count,
    quarantined,
    digest,
    batches_digest,
    kept_texts,
    copied_at
  )
select
  :table_name,
  :last_key,
  :after_key,
  h.hydration_id,
  :row_count,
  :byte_count,
  :quarantined,
  :digest,
  :batches_digest,
  :kept_texts,
  :now
from hydrations as h
where h.hydration_id = :hydration_id and h.state = 'running'
on conflict (table_name, last_key) do update
  set
    hydration_id = excluded.hydration_id,
    row_count = excluded.row_count,
    byte_count = excluded.byte_count,
    quarantined = excluded.quarantined,
    digest = excluded.digest,
    batches_digest = excluded.batches_digest,
    kept_texts = excluded.kept_texts,
    copied_at = excluded.copied_at
returning hydration_id;
