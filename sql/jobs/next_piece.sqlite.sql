-- The end of the next piece of a walk over the sessions, of page_size at most; NULL where no session is left.
--
-- Returns: one
--
-- Numbers have few gaps, so that none of the sessions but the first needs to be read.

select min(s.summary_id) - 1 + :page_size as up_to_id
from session_places as s
where s.summary_id > :after_id;
