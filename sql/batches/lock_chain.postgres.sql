-- Takes the lock under which a batch gets its place in the chain, held until the transaction ends; gives the time.
--
-- Returns: one
-- Not null: locked_at

select clock_timestamp() as locked_at
from lock_chain() as l;
