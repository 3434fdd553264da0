-- Where the roles of the store may do more or less than they should; SQLite has no roles.
--
-- Returns: many
-- Not null: role_name, object_kind, object_name, privilege, difference

select
  '' as role_name,
  '' as object_kind,
  '' as object_name,
  '' as privilege,
  '' as difference
where 1 = 0;
