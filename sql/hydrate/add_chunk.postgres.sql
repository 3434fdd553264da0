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
  cast(:table_name as text),
  cast(:last_key as text),
  cast(:after_key as text),
  h.hydration_id,
  cast(:row_count as bigint),
  cast(:byte_count as bigint),
  cast(:quarantined as bigint),
  cast(:digest as bytea),
  cast(:batches_digest as bytea),
  cast(:kept_texts as bytea),
  cast(cast(:now as text) as timestamptz)
from hydrations as h
where h.hydration_id = :hydration_id and h.state = 'running'
for share
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
