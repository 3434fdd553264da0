-- 0008_settings_create: the parts that are missing; no rows when the migration holds.

with
  expected(relation, stored, generated, constraints, indexes) as (
    values
      (
        'settings',
        'setting value unit least greatest meaning',
        '',
        'pk_settings ck_settings_value_range',
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
  )
union all
select 'settings' as relation, 'setting' as kind, p.value as missing
from
  json_each(
    '["' || replace(
      'breaker_percent breaker_records breaker_probe_seconds replay_attempts job_lease_seconds job_batch_ms job_failures clock_jump_seconds clock_forward_hours sensor_gap_minutes sensor_retired_days session_open_minutes snapshot_coverage_percent reconcile_max_repair_percent reconcile_max_repair_sessions',
      ' ',
      '","'
    ) || '"]'
  ) as p
where not exists (select 1 from settings as s where s.setting = p.value);
