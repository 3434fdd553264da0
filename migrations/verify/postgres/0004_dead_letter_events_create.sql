-- 0004_dead_letter_events_create: the parts that are missing; no rows when the migration holds.

with
  expected(relation, stored, generated, constraints, indexes) as (
    values
      (
        'dead_letter_reasons',
        'reason meaning',
        '',
        'pk_dead_letter_reasons',
        ''
      ),
      (
        'dead_letter_events',
        'dead_letter_id batch_id source_id source_offset record_bytes record_digest record record_tail reason detail attempts created_at rules_version version_attempts resolved_at resolution resolved_batch_id purged_at',
        '',
        'ck_dead_letter_events_attempts_of_version ck_dead_letter_events_attempts_positive ck_dead_letter_events_purged_empty ck_dead_letter_events_record_bytes_positive ck_dead_letter_events_record_digest_length ck_dead_letter_events_record_whole ck_dead_letter_events_source_offset_positive fk_dead_letter_events_batch_id_ingest_batches fk_dead_letter_events_reason_dead_letter_reasons fk_dead_letter_events_resolved_batch_id_ingest_batches fk_dead_letter_events_source_id_sources pk_dead_letter_events',
        'ix_dead_letter_events_batch_id ix_dead_letter_events_created_at ix_dead_letter_events_cut ix_dead_letter_events_listing ix_dead_letter_events_open ix_dead_letter_events_reason ix_dead_letter_events_resolved_batch_id ix_dead_letter_events_settled ix_dead_letter_events_source_id ix_dead_letter_events_tried'
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
  )
union all
select 'dead_letter_reasons' as relation, 'row' as kind, p.value as missing
from
  string_to_table(
    'bad_json bad_timestamp bad_utf8 control_char duplicate_key encoding_utf16 file:bzip2_damaged file:gzip_damaged file:gzip_ratio file:gzip_truncated file:zstd_damaged fragment legacy_eventid line_too_long missing_field multiple_values not_object nul_byte session_too_long too_deep too_many_keys truncated_line',
    ' '
  ) as p (value)
where p.value not in (select k.reason from dead_letter_reasons as k);
