-- Which of these events have another payload than the text given for them; both lists are JSON arrays of one order.
--
-- Returns: many
--
-- Compared as text, for JSONB takes 1.0 and 1.00 as equal.

select e.event_id
from
  rows from (
    jsonb_array_elements_text(cast(cast(:event_ids as text) as jsonb)),
    jsonb_array_elements_text(cast(cast(:payloads as text) as jsonb))
  ) as p (event_id, payload)
  join raw_events as e on e.event_id = cast(p.event_id as bigint)
where cast(e.payload as text) != cast(cast(p.payload as jsonb) as text)
order by e.event_id;
