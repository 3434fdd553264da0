-- Why a session may not write: the server is a standby, or its transactions are for reading alone unless they say otherwise.
--
-- Returns: one
-- Not null: is_standby, is_default

select
  pg_is_in_recovery() as is_standby,
  current_setting('default_transaction_read_only') = 'on' as is_default;
