-- 0002_raw_events_create: the parts that are missing; no rows when the migration holds.

with
  expected(relation, stored, generated, constraints, indexes) as (
    values
      ('event_flags', 'flag meaning', '', 'pk_event_flags', ''),
      (
        'event_types',
        'event_type legacy_of since until meaning',
        '',
        'fk_event_types_legacy_of_event_types pk_event_types',
        ''
      ),
      (
        'session_identifiers',
        'priority field matcher meaning',
        '',
        'ck_session_identifiers_matcher_known pk_session_identifiers uq_session_identifiers_field',
        ''
      ),
      (
        'raw_events',
        'event_id session_id occurred_at line_digest flags canonical_ip canonical_type payload',
        'batch_id event_type src_ip sensor protocol username password input shasum url hassh client_version duration_text duration_ms',
        'ck_raw_events_line_digest_length ck_raw_events_occurred_at_form ck_raw_events_payload_object ck_raw_events_session_id_length pk_raw_events uq_raw_events_identity',
        'ix_raw_events_src_ip ix_raw_events_username ix_raw_events_shasum ix_raw_events_hassh ix_raw_events_unknown_event'
      ),
      (
        'duplicate_sightings',
        'event_id batch_id sightings',
        '',
        'ck_duplicate_sightings_sightings_positive fk_duplicate_sightings_batch_id_ingest_batches fk_duplicate_sightings_event_id_raw_events pk_duplicate_sightings',
        'ix_duplicate_sightings_batch_id'
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
select 'event_flags' as relation, 'row' as kind, p.value as missing
from
  json_each(
    '["' || replace(
      'bad_hash bad_ip bad_port bogon bom clock duration event_session glued key_case long no_session nul nul_key number_range path stitched surrogate time_range type tz_assumed unknown_event',
      ' ',
      '","'
    ) || '"]'
  ) as p
where p.value not in (select k.flag from event_flags as k)
union all
select 'session_identifiers' as relation, 'row' as kind, p.value as missing
from
  json_each(
    '["' || replace(
      'session session_id sessionid sid message',
      ' ',
      '","'
    ) || '"]'
  ) as p
where p.value not in (select k.field from session_identifiers as k);
