-- Where the roles of the store may do more or less than they should.
--
-- Returns: many
-- Not null: role_name, object_kind, object_name, privilege, difference

select c.role_name, c.object_kind, c.object_name, c.privilege, c.difference
from check_role_privileges as c
order by c.role_name, c.object_kind, c.object_name, c.privilege;
