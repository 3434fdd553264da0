-- The value of a setting.
--
-- Returns: one

select t.value
from settings as t
where t.setting = :setting;
