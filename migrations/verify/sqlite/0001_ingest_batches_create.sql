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
        'unsealed_batches',
        'unsealed_batch_id',
        '',
        'ck_unsealed_batches_empty pk_unsealed_batches',
        ''
      ),
      (
        'ingest_batches',
        'batch_id source_id run_id kind carried_for_batch_id first_offset end_offset records_read events_accepted events_duplicate records_rejected records_skipped skip_counts first_event_at last_event_at batch_digest chain_position chain_digest record_digest record_parts opened_at sealed_at undone_at actor',
        'unsealed_batch_id',
        'ck_ingest_batches_batch_id_range ck_ingest_batches_carried_for ck_ingest_batches_counts_add_up ck_ingest_batches_kind_known ck_ingest_batches_offsets_ordered ck_ingest_batches_sealed_complete ck_ingest_batches_skip_counts_object fk_ingest_batches_carried_for_batch_id_ingest_batches fk_ingest_batches_source_id_sources fk_ingest_batches_unsealed_batch_id_unsealed_batches pk_ingest_batches uq_ingest_batches_chain_digest uq_ingest_batches_chain_position',
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
  join json_each('["' || replace(e.stored, ' ', '","') || '"]') as p
where
  p.value != ''
  and not exists (
    select 1
    from pragma_table_xinfo(e.relation) as x
    where x.name = p.value and x.hidden = 0
  )
union all
select e.relation, 'generated column' as kind, p.value as missing
from
  expected as e
  join json_each('["' || replace(e.generated, ' ', '","') || '"]') as p
where
  p.value != ''
  and not exists (
    select 1
    from pragma_table_xinfo(e.relation) as x
    where x.name = p.value and x.hidden in (2, 3)
  )
union all
select e.relation, 'constraint' as kind, p.value as missing
from
  expected as e
  join json_each('["' || replace(e.constraints, ' ', '","') || '"]') as p
where
  p.value != ''
  and not exists (
    select 1
    from sqlite_schema as s
    where
      s.type = 'table'
      and s.name = e.relation
      and instr(
        replace(s.sql, char(10), ' '),
        'constraint ' || p.value || ' '
      ) > 0
  )
union all
select e.relation, 'index' as kind, p.value as missing
from
  expected as e
  join json_each('["' || replace(e.indexes, ' ', '","') || '"]') as p
where
  p.value != ''
  and not exists (
    select 1
    from sqlite_schema as s
    where s.type = 'index' and s.name = p.value and s.tbl_name = e.relation
  );
