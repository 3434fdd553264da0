-- 0020_roles_create: undo
--
-- Why:         Takes back the up file, which did nothing.
-- Undo:        Apply the up file again.

select 1;
