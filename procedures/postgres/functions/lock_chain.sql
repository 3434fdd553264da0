-- lock_chain: lets one transaction at a time seal a batch, until it commits.
--
-- Takes:   nothing
-- Gives:   nothing; waits while another transaction holds the lock
-- Fails:   never
-- Differs: sqlite has no counterpart, for there a write transaction is alone from its begin.
--
-- Called before a chain_position is assigned: measured, six loaders without it forked the chain in half of the batches.
create or replace function lock_chain()
returns void
language sql
set search_path from current
as $$
  select pg_advisory_xact_lock(7266311, 1);
$$;
