-- Inserts the events of a batch that the store does not have yet; gives nothing, the changes are counted.
--
-- Returns: none
--
-- One statement a batch. Times and digests have a fixed width; spans are start and length of each payload in text, ten
-- digits each; marks_of is the number of each event's mark, six digits. The function gives the rows in their order, so
-- nothing is sorted.

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
      substring(cast(:times as bytea) from cast((s.ordinal - 1) * 27 + 1 as integer) for 27),
      'UTF8'
    ) as timestamptz
  ),
  substring(cast(:digests as bytea) from cast((s.ordinal - 1) * 16 + 1 as integer) for 16),
  coalesce(m.mark ->> 'flags', ''),
  m.mark ->> 'canonical_ip',
  m.mark ->> 'canonical_type',
  cast(
    convert_from(
      substring(
        cast(:text as bytea)
        from
          cast(
            convert_from(
              substring(cast(:spans as bytea) from cast((s.ordinal - 1) * 20 + 1 as integer) for 10),
              'UTF8'
            ) as integer
          )
        for
          cast(
            convert_from(
              substring(cast(:spans as bytea) from cast((s.ordinal - 1) * 20 + 11 as integer) for 10),
              'UTF8'
            ) as integer
          )
      ),
      'UTF8'
    ) as jsonb
  )
from
  (select cast(cast(:marks as text) as jsonb) as marks offset 0) as k
  cross join jsonb_array_elements_text(cast(cast(:sessions as text) as jsonb)) with ordinality as s (session_id, ordinal)
  cross join lateral (
    select
      case
        when substring(cast(:marks_of as bytea) from cast((s.ordinal - 1) * 6 + 1 as integer) for 6) <> '000000'::bytea then k.marks
        -> cast(
          convert_from(
            substring(cast(:marks_of as bytea) from cast((s.ordinal - 1) * 6 + 1 as integer) for 6),
            'UTF8'
          ) as integer
        )
      end as mark
    offset 0
  ) as m
on conflict (session_id, occurred_at, line_digest) do nothing;
