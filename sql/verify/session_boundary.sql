-- The last of the next so many sessions; none where fewer follow.
--
-- Returns: maybe

select session_id
from session_summaries
where session_id > :after_session
order by session_id
limit 1 offset :row_offset;
