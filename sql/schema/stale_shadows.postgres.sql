-- Throw-away databases that a killed run has left: nobody is connected to them.
--
-- Returns: many
-- Not null: name, statement

select
  d.datname as name,
  format('drop database %I', d.datname) as statement
from pg_catalog.pg_database as d
where
  d.datname ~ '^cowriedb_shadow_[0-9a-f]{12}$'
  and not exists (
    select 1
    from pg_catalog.pg_stat_activity as a
    where a.datid = d.oid
  )
order by d.datname;
