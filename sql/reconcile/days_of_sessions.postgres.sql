-- The sessions of a range that began on one of the days in a JSON array, or that are in another, with their days.
--
-- Returns: many
-- Not null: session_id, day

select l.session_id, l.day
from session_lines as l
where
  l.session_id >= :from_session
  and l.session_id < :before_session
  and (
    l.day = any (
      array(
        select jsonb_array_elements_text(cast(cast(:days as text) as jsonb))
      )
    )
    or l.session_id = any (
      array(
        select jsonb_array_elements_text(cast(cast(:sessions as text) as jsonb))
      )
    )
  )
order by l.session_id;
