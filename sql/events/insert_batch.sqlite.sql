-- Inserts the events of a batch that the store does not have yet; gives nothing, the changes are counted.
--
-- Returns: none
--
-- One statement a batch: measured on 400,000 events with all indexes, 13 µs an event against 22 µs for a prepared
-- statement run for each. Times and digests have a fixed width; spans are start and length of each payload in text,
-- ten digits each; marks_of is the number of each event's mark, six digits.

insert into raw_events
  (
    event_id,
    session_id,
    occurred_at,
    line_digest,
    flags,
    canonical_ip,
    canonical_type,
    payload
  )
select
  :batch_id * 1048576 + s.key,
  s.value,
  cast(substr(:times, 1 + s.key * 27, 27) as text),
  substr(:digests, 1 + s.key * 16, 16),
  case cast(substr(:marks_of, 1 + s.key * 6, 6) as integer)
    when 0 then ''
    else json_extract(
      :marks,
      '$[' || cast(substr(:marks_of, 1 + s.key * 6, 6) as integer) || '].flags'
    )
  end,
  case cast(substr(:marks_of, 1 + s.key * 6, 6) as integer)
    when 0 then null
    else json_extract(
      :marks,
      '$[' || cast(
        substr(:marks_of, 1 + s.key * 6, 6) as integer
      ) || '].canonical_ip'
    )
  end,
  case cast(substr(:marks_of, 1 + s.key * 6, 6) as integer)
    when 0 then null
    else json_extract(
      :marks,
      '$[' || cast(
        substr(:marks_of, 1 + s.key * 6, 6) as integer
      ) || '].canonical_type'
    )
  end,
  cast(
    substr(
      :text,
      cast(substr(:spans, 1 + s.key * 20, 10) as integer),
      cast(substr(:spans, 11 + s.key * 20, 10) as integer)
    ) as text
  )
from json_each(:sessions) as s
where true
on conflict (session_id, occurred_at, line_digest) do nothing;
