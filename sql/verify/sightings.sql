-- What a batch has seen again, with the identity of each event; that is NULL where the event is gone.
--
-- Returns: many

select d.event_id, d.sightings, e.session_id, e.occurred_at, e.line_digest
from
  duplicate_sightings as d
  left join raw_events as e on e.event_id = d.event_id
where d.batch_id = :batch_id
order by d.event_id;
