-- 0013_jobs_create: the parts that are missing; no rows when the migration holds.

with
  expected(relation, stored, generated, constraints, indexes) as (
    values
      (
        'jobs',
        'job_id kind params state phase cursor last_cursor session_cursor total processed rows_inserted rows_updated rows_deleted failed_batches restarts batch_size fence worker heartbeat_at actor created_at started_at finished_at error',
        '',
        'pk_jobs ck_jobs_kind_known ck_jobs_params_object ck_jobs_state_known ck_jobs_phase_known ck_jobs_batch_size_range ck_jobs_finished_at_set ck_jobs_done_at_end',
        'uq_jobs_open'
      ),
      (
        'job_failures',
        'job_id session_id error failed_at',
        '',
        'pk_job_failures fk_job_failures_job_id_jobs',
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
