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
