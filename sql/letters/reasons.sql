-- Why a record can be refused.
--
-- Returns: many

select reason, meaning
from dead_letter_reasons
order by reason;
