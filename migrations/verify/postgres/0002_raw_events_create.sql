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
        'batch_id event_type src_ip sensor protocol username password input shasum url hassh client_version duration_ms',
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
select 'event_flags' as relation, 'row' as kind, p.value as missing
from
  string_to_table(
    'bad_hash bad_ip bad_port bogon bom clock duration event_session glued key_case long no_session nul nul_key number_range path stitched surrogate time_range type tz_assumed unknown_event',
    ' '
  ) as p (value)
where p.value not in (select k.flag from event_flags as k)
union all
select 'session_identifiers' as relation, 'row' as kind, p.value as missing
from
  string_to_table('session session_id sessionid sid message', ' ') as p (value)
where p.value not in (select k.field from session_identifiers as k);
