-- reconcile_parts: the 64 parts of each range of session ids, by the two digits behind its own.
--
-- Reads:   reconcile_ranges
-- Differs: from postgres in nothing but the spelling.
--
-- The proof of one session reads one part of a bucket, and takes the digests of the others from reconcile_buckets. A part begins
-- with every fourth of the 256 pairs of digits; the 0 behind a digit is left out, so that what sorts before it belongs there.
create view reconcile_parts as
  with recursive
    numbers(part_number) as (
      select 0
      union all
      select part_number + 1
      from numbers
      where part_number < 63
    )
  select
    r.range_number,
    n.part_number,
    case n.part_number
      when 0 then r.from_session
      else printf('%02x', r.range_number) || rtrim(
        printf('%02x', n.part_number * 4),
        '0'
      )
    end as from_session,
    case n.part_number
      when 63 then r.before_session
      else printf('%02x', r.range_number) || rtrim(
        printf('%02x', n.part_number * 4 + 4),
        '0'
      )
    end as before_session
  from
    reconcile_ranges as r
    cross join numbers as n;
