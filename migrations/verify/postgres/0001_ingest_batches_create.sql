-- 0001_ingest_batches_create: the parts that are missing; no rows when the migration holds.

with
  expected(relation, stored, generated, constraints, indexes) as (
    values
      (
        'sources',
        'source_id path path_shown fingerprint fingerprint_bytes size_bytes next_offset prefix_digest device inode changed_us breaker_offset compression sensor state first_read_at last_read_at',
        '',
        'ck_sources_breaker_offset_positive ck_sources_compression_known ck_sources_fingerprint_bytes_range ck_sources_fingerprint_length ck_sources_next_offset_positive ck_sources_prefix_digest_length ck_sources_size_bytes_positive ck_sources_state_known pk_sources',
        'ix_sources_fingerprint'
      ),
      (
        'ingest_batches',
        'batch_id source_id run_id kind carried_for_batch_id first_offset end_offset records_read events_accepted events_duplicate records_rejected records_skipped skip_counts first_event_at last_event_at batch_digest chain_position chain_digest record_digest record_parts opened_at sealed_at undone_at actor',
        '',
        'ck_ingest_batches_batch_id_range ck_ingest_batches_carried_for ck_ingest_batches_counts_add_up ck_ingest_batches_kind_known ck_ingest_batches_offsets_ordered ck_ingest_batches_sealed_complete ck_ingest_batches_skip_counts_object fk_ingest_batches_carried_for_batch_id_ingest_batches fk_ingest_batches_source_id_sources pk_ingest_batches uq_ingest_batches_chain_digest uq_ingest_batches_chain_position',
        'ix_ingest_batches_source_id ix_ingest_batches_event_times ix_ingest_batches_carried_for_batch_id ix_ingest_batches_unsealed'
      ),
      (
        'batch_evidence',
        'batch_id codec line_count line_bytes lines',
        '',
        'ck_batch_evidence_codec_known ck_batch_evidence_line_bytes_positive ck_batch_evidence_line_count_positive fk_batch_evidence_batch_id_ingest_batches pk_batch_evidence',
        ''
      )
  )
select e.relation, 'stored column' as kind, p.value as missing
from
  expected as e
  cross join string_to_table(e.stored, ' ') as p (value)
where
  p.value != ''
  and not exists (
    select 1
    from pg_attribute as a
    where
      a.attrelid = to_regclass(e.relation)
      and a.attname = p.value
      and a.attgenerated = ''
  )
union all
select e.relation, 'generated column' as kind, p.value as missing
from
  expected as e
  cross join string_to_table(e.generated, ' ') as p (value)
where
  p.value != ''
  and not exists (
    select 1
    from pg_attribute as a
    where
      a.attrelid = to_regclass(e.relation)
      and a.attname = p.value
      and a.attgenerated = 's'
  )
union all
select e.relation, 'constraint' as kind, p.value as missing
from
  expected as e
  cross join string_to_table(e.constraints, ' ') as p (value)
where
  p.value != ''
  and not exists (
    select 1
    from pg_constraint as c
    where
      c.conrelid = to_regclass(e.relation)
      and c.conname = p.value
      and c.convalidated
  )
union all
select e.relation, 'index' as kind, p.value as missing
from
  expected as e
  cross join string_to_table(e.indexes, ' ') as p (value)
where
  p.value != ''
  and not exists (
    select 1
    from pg_index as i
    where
      i.indrelid = to_regclass(e.relation)
      and i.indexrelid = to_regclass(p.value)
      and i.indisvalid
  );
