-- The end of the next piece of a walk over the sessions, of page_size at most; NULL where no session is left.
--
-- Returns: one
--
-- Numbers have few gaps, so that two sessions are looked up and the others need not be read. A piece ends with a session: the
-- job remembers it, and sees by it that rows have got other numbers.

select max(p.summary_id) as up_to_id
from session_places as p
where
  p.summary_id > :after_id
  and p.summary_id < :page_size + (
    select min(s.summary_id)
    from session_places as s
    where s.summary_id > :after_id
  );
