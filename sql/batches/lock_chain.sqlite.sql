-- Takes the lock under which a batch gets its place in the chain; here BEGIN IMMEDIATE has taken it.
--
-- Returns: one

select 1 as locked;
