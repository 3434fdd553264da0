-- Inserts the events of a batch that the store does not have yet; gives nothing, the changes are counted.
--
-- Returns: none
--
-- One statement a batch. Times and digests have a fixed width; spans are start and length of each payload in text, ten
-- digits each; marks_of is the number of each event's mark, six digits.

insert into raw_events (
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
  cast(:batch_id as bigint) * 1048576 + s.ordinal - 1,
  s.session_id,
  cast(
    convert_from(
      substring(cast(:times as bytea) from ((s.ordinal - 1) * 27 + 1)::integer for 27),
      'UTF8'
    ) as timestamptz
  ),
  substring(cast(:digests as bytea) from ((s.ordinal - 1) * 16 + 1)::integer for 16),
  coalesce(m.mark ->> 'flags', ''),
  m.mark ->> 'canonical_ip',
  m.mark ->> 'canonical_type',
  cast(
    convert_from(
      substring(
        cast(:text as bytea)
        from
          convert_from(
            substring(cast(:spans as bytea) from ((s.ordinal - 1) * 20 + 1)::integer for 10),
            'UTF8'
          )::integer
        for
          convert_from(
            substring(cast(:spans as bytea) from ((s.ordinal - 1) * 20 + 11)::integer for 10),
            'UTF8'
          )::integer
      ),
      'UTF8'
    ) as jsonb
  )
from
  jsonb_array_elements_text(cast(cast(:sessions as text) as jsonb)) with ordinality as s (session_id, ordinal)
  left join jsonb_array_elements(cast(cast(:marks as text) as jsonb)) with ordinality as m (mark, number)
    on m.number
    = convert_from(
      substring(cast(:marks_of as bytea) from ((s.ordinal - 1) * 6 + 1)::integer for 6),
      'UTF8'
    )::integer
    + 1
    and m.number > 1
order by s.ordinal
on conflict (session_id, occurred_at, line_digest) do nothing;
