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
