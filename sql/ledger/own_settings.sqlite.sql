-- Gives a session the settings that it began with, before each file of somebody's own folder.
--
-- Returns: many
-- Differs: sqlite has PRAGMAs of the connection, and nothing that lists those that were set.

select cast(null as text) as setting where false;
