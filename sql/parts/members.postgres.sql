-- What extensions have brought.
with
  members as (
    select d.classid, d.objid
    from pg_catalog.pg_depend as d
    where d.deptype = 'e'
  )
select m.objid
from members as m;
