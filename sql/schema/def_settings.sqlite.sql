-- What is kept with the file and not with a connection, with the SQL that sets it.
--
-- Returns: many
-- Not null: kind, relation, name, facet, value, in_create, place

select
  'setting' as kind,
  'the database' as relation,
  p.name,
  'value' as facet,
  cast(p.value as text) as value,
  printf('pragma %s = %s%s', p.name, p.value, p.behind) as put,
  cast(null as text) as remove,
  cast(null as text) as part,
  1 as in_create,
  0 as place
from
  (
    -- The journal of another's file is kept as its owner wants it.
    select 'journal_mode' as name, j.journal_mode as value, '' as behind
    from pragma_journal_mode as j
    where
      cast(:of_store as integer) = 1
      and exists (
        select 1
        from sqlite_schema as o
        where o.type = 'table' and o.name = 'raw_events'
      )
    union all
    select 'auto_vacuum', a.auto_vacuum, '; vacuum'
    from pragma_auto_vacuum as a
    union all
    select 'application_id', i.application_id, ''
    from pragma_application_id as i
    union all
    select 'user_version', u.user_version, ''
    from pragma_user_version as u
  ) as p
where :of_store is not null and :owner is not null
order by p.name;
