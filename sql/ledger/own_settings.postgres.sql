-- Gives a session the settings that it began with, before each file of somebody's own folder: what the one before has set, as a dump
-- that begins with SET lock_timeout = 0 does, is no business of the next. The path has its own statement; how soon the server sees that
-- we are gone stays.
--
-- Returns: many
-- Differs: sqlite has PRAGMAs of the connection, and nothing that lists those that were set.

select set_config(name, reset_val, false) as setting
from pg_catalog.pg_settings
where
  source = 'session'
  and name !~ '^(search_path$|transaction_|client_connection_check_interval)';
