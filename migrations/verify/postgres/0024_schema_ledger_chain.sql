-- 0024_schema_ledger_chain: the parts that are missing; no rows when the migration holds.

with
  expected(relation, stored, generated, constraints, indexes) as (
    values
      (
        'schema_ledger',
        'reason body entry_digest',
        '',
        'ck_schema_ledger_kind_known ck_schema_ledger_action_known',
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
