-- The end of the next piece of a walk over the sessions, of page_size at most; NULL where no session is left.
--
-- Returns: one
--
-- Numbers have gaps, for whoever puts a row in that is there uses one up.

select p.last_id as up_to_id
from
  find_page(
    :after_id,
    9223372036854775807,
    '-infinity',
    'infinity',
    :page_size
  ) as p;
