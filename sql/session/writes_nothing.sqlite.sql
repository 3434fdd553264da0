-- Why a session may not write; SQLite says it itself.
--
-- Returns: one
-- Not null: is_standby, is_default

select false as is_standby, false as is_default;
