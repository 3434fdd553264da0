-- Which of these events have another payload than the text given for them; both lists are JSON arrays of one order.
--
-- Returns: many

select e.event_id
from
  json_each(:event_ids) as i
  join json_each(:payloads) as p on p.key = i.key
  join raw_events as e on e.event_id = i.value
where e.payload is not p.value
order by e.event_id;
