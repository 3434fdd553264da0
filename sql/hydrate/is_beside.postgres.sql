-- Whether the store is on the machine that asks.
--
-- Returns: one
-- Not null: is_beside
-- Differs: a file of sqlite is.

select coalesce(inet_server_addr() = inet_client_addr(), true) as is_beside;
