-- Goes on as the owner of the store; who may write a file owns it.
--
-- Returns: many
-- Not null: owner

select '' as owner
where 1 = 0;
