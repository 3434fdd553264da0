-- Remembers which events of other batches, or of this one, a batch has seen again.
--
-- Returns: none

with
  repeats as materialized (
    select
      cast(r.value ->> '$[0]' as integer) as ordinal,
      r.value ->> '$[1]' as sightings
    from json_each(:repeats) as r
  )
insert into duplicate_sightings (event_id, batch_id, sightings)
select
  e.event_id,
  :batch_id,
  (e.event_id != :batch_id * 1048576 + s.key) + coalesce(r.sightings, 0)
from
  json_each(:sessions) as s
  join raw_events as e
    on e.session_id = s.value
    and e.occurred_at = cast(substr(:times, 1 + s.key * 27, 27) as text)
    and e.line_digest = substr(:digests, 1 + s.key * 16, 16)
  left join repeats as r on r.ordinal = s.key
where e.event_id != :batch_id * 1048576 + s.key or r.sightings is not null;
