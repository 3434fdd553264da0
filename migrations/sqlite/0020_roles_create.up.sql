-- 0020_roles_create
--
-- Why:         Keeps the numbers of both dialects alike.
-- Locks:       None.
-- Rewrites:    Nothing.
-- Undo:        The down file does nothing either.
-- Transaction: one
-- Differs:     sqlite has no roles: who may write the file may do everything.

select 1;
