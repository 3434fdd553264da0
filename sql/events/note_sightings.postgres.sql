-- Remembers which events of other batches, or of this one, a batch has seen again.
--
-- Returns: none

insert into duplicate_sightings (event_id, batch_id, sightings)
select
  e.event_id,
  cast(:batch_id as bigint),
  case
    when e.event_id <> cast(:batch_id as bigint) * 1048576 + s.ordinal - 1 then 1
    else 0
  end
  + coalesce((r.value ->> 1)::integer, 0)
from
  jsonb_array_elements_text(cast(cast(:sessions as text) as jsonb)) with ordinality as s (session_id, ordinal)
  join raw_events as e
    on e.session_id = s.session_id
    and e.occurred_at
    = cast(
      convert_from(
        substring(cast(:times as bytea) from ((s.ordinal - 1) * 27 + 1)::integer for 27),
        'UTF8'
      ) as timestamptz
    )
    and e.line_digest
    = substring(cast(:digests as bytea) from ((s.ordinal - 1) * 16 + 1)::integer for 16)
  left join jsonb_array_elements(cast(cast(:repeats as text) as jsonb)) as r (value)
    on (r.value ->> 0)::bigint = s.ordinal - 1
where
  e.event_id <> cast(:batch_id as bigint) * 1048576 + s.ordinal - 1
  or r.value is not null;
