-- Which events have another payload than the text given for them, in a JSON object by event_id.
--
-- Returns: many

select e.event_id
from
  json_each(:payloads) as p
  cross join raw_events as e on e.event_id = cast(p.key as integer)
where e.payload is not p.value;
