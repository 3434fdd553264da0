-- What stands beside tables, views and routines; SQLite has none.
--
-- Returns: many
-- Not null: kind, relation, name, facet, value, in_create, place

select
  '' as kind,
  '' as relation,
  '' as name,
  '' as facet,
  '' as value,
  '' as put,
  '' as remove,
  '' as part,
  0 as in_create,
  0 as place
where 1 = 0 and :of_store is not null and :owner is not null;
