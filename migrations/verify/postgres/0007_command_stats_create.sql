-- 0007_command_stats_create: the parts that are missing; no rows when the migration holds.

with
  expected(relation, stored, generated, constraints, indexes) as (
    values
      (
        'command_stats',
        'session_id command inputs successes failures first_seen last_seen high_risk',
        'command_digest occurrences',
        'pk_command_stats',
        ''
      ),
      (
        'session_files',
        'session_id shasum url url_key file_name file_name_key first_seen occurrences',
        '',
        'ck_session_files_occurrences_positive pk_session_files',
        'ix_session_files_shasum'
      ),
      (
        'command_scores',
        'event_type command risk_score',
        'command_digest',
        'ck_command_scores_risk_score_range pk_command_scores',
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
  )
union all
select
  'text_digest' as relation,
  'function' as kind,
  'text_digest(text)' as missing
where to_regprocedure('text_digest(text)') is null;
