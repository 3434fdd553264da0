-- What needs what; SQLite keeps a view or trigger whose table is gone.
--
-- Returns: many
-- Not null: kind, relation, name, needed_kind, needed_relation, needed_name

select
  '' as kind,
  '' as relation,
  '' as name,
  '' as needed_kind,
  '' as needed_relation,
  '' as needed_name
where 1 = 0 and :of_store is not null and :owner is not null;
