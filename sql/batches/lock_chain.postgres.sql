-- Takes the lock under which a batch gets its place in the chain, held until the transaction ends.
--
-- Returns: one

select 1 as locked
from lock_chain() as l;
