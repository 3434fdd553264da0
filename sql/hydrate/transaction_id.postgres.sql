-- The number of the transaction that is under way, where it has one: whoever writes has.
--
-- Returns: one
-- Differs: sqlite numbers none.

select cast(pg_current_xact_id_if_assigned() as text) as transaction_id;
