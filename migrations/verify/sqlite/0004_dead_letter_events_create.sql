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
  )
union all
select 'dead_letter_reasons' as relation, 'row' as kind, p.value as missing
from
  json_each(
    '["' || replace(
      'bad_json bad_timestamp bad_utf8 control_char duplicate_key encoding_utf16 file:bzip2_damaged file:gzip_damaged file:gzip_ratio file:gzip_truncated file:zstd_damaged fragment legacy_eventid line_too_long missing_field multiple_values not_object nul_byte session_too_long too_deep too_many_keys truncated_line',
      ' ',
      '","'
    ) || '"]'
  ) as p
where p.value not in (select k.reason from dead_letter_reasons as k);
