-- 0018_runbook_runs_create: the parts that are missing; no rows when the migration holds.

with
  expected(relation, stored, generated, constraints, indexes) as (
    values
      (
        'runbook_runs',
        'runbook_run_id runbook direction digest tool_version state step_count variables actor worker started_at finished_at',
        '',
        'pk_runbook_runs ck_runbook_runs_direction_known ck_runbook_runs_digest_length ck_runbook_runs_state_known ck_runbook_runs_variables_object ck_runbook_runs_finished_at_set',
        'ix_runbook_runs_runbook'
      ),
      (
        'runbook_steps',
        'runbook_run_id step_number attempt section label kind what outcome exit_code output started_at finished_at',
        '',
        'fk_runbook_steps_runbook_run_id_runbook_runs ck_runbook_steps_step_number_positive ck_runbook_steps_attempt_positive ck_runbook_steps_kind_known ck_runbook_steps_outcome_known pk_runbook_steps ck_runbook_steps_finished_at_set',
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
