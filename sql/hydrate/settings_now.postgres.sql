-- What settings are in force for this connection.
--
-- Takes their names as a JSON list; one that this server does not know is left out.
-- Returns: many
-- Not null: setting, value

select
  cast(j.value as text) as setting,
  current_setting(j.value, true) as value
from jsonb_array_elements_text(cast(cast(:names as text) as jsonb)) as j (value)
where current_setting(j.value, true) is not null
order by 1;
