-- The number of the transaction that is under way, where it has one: whoever writes has.
--
-- Returns: one
-- Differs: sqlite numbers none.

select cast(null as text) as transaction_id;
