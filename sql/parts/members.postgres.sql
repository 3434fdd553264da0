-- What extensions have brought, and functions and casts that come with a type of ranges.
with
  members as (
    select d.classid, d.objid
    from pg_catalog.pg_depend as d
    where
      d.deptype = 'e'
      or (
        d.deptype = 'i'
        and d.classid in ('pg_proc'::regclass, 'pg_cast'::regclass)
      )
  )
select m.objid
from members as m;
