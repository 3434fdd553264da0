-- 0020_roles_create: nothing is missing, for nothing was made.

select 1 as missing
where 1 = 0;
