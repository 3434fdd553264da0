-- What settings are in force for this connection.
--
-- Takes their names as a JSON list; one that this server does not know is left out.
-- Returns: many
-- Not null: setting, value
--
-- Differs: postgres gives them; sqlite knows none by these names.

select j.value as setting, j.value as value
from json_each(:names) as j
where false;
