-- 0019_hydrate_create: the parts that are missing; no rows when the migration holds.

with
  expected(relation, stored, generated, constraints, indexes) as (
    values
      (
        'store_state',
        'store_state_id store_id state moved_to actor changed_at',
        '',
        'pk_store_state ck_store_state_one_row ck_store_state_store_id_some ck_store_state_state_known',
        ''
      ),
      (
        'hydrations',
        'hydration_id source_store_id source_name state phase settings chunks_copied chunks_kept rows_copied bytes_copied tool_version schema_version actor worker started_at finished_at error',
        '',
        'pk_hydrations ck_hydrations_state_known ck_hydrations_settings_object ck_hydrations_finished_at_set',
        ''
      ),
      (
        'hydration_chunks',
        'table_name last_key after_key hydration_id row_count byte_count quarantined digest batches_digest copied_at',
        '',
        'fk_hydration_chunks_hydration_id_hydrations ck_hydration_chunks_row_count_positive ck_hydration_chunks_byte_count_positive ck_hydration_chunks_quarantined_positive ck_hydration_chunks_digest_length ck_hydration_chunks_batches_digest_length pk_hydration_chunks',
        ''
      ),
      (
        'hydration_objects',
        'hydration_object_id hydration_id step kind table_name name back_text state changed_at',
        '',
        'pk_hydration_objects fk_hydration_objects_hydration_id_hydrations ck_hydration_objects_state_known',
        'ix_hydration_objects_aside'
      ),
      (
        'hydration_quarantine',
        'hydration_quarantine_id hydration_id table_name last_key row_key column_name reason detail raw raw_digest row_values noted_at',
        '',
        'pk_hydration_quarantine fk_hydration_quarantine_hydration_id_hydrations ck_hydration_quarantine_raw_digest_length',
        'ix_hydration_quarantine_chunk'
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
