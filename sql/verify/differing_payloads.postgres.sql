-- Which events have another payload than the text given for them, in a JSON object by event_id.
--
-- Returns: many
--
-- Compared as text, for JSONB takes 1.0 and 1.00 as equal.

select e.event_id
from
  jsonb_each_text(cast(cast(:payloads as text) as jsonb)) as p (
    event_id,
    payload
  )
  join raw_events as e on e.event_id = cast(p.event_id as bigint)
where cast(e.payload as text) != cast(cast(p.payload as jsonb) as text);
