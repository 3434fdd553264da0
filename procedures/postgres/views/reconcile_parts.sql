-- reconcile_parts: the 64 parts of each range of session ids, by the two digits behind its own.
--
-- Reads:   reconcile_ranges
-- Differs: from sqlite in nothing but the spelling.
--
-- The proof of one session reads one part of a bucket, and takes the digests of the others from reconcile_buckets. A part begins
-- with every fourth of the 256 pairs of digits; the 0 behind a digit is left out, so that what sorts before it belongs there.
create or replace view reconcile_parts as
  select
    r.range_number,
    n.part_number,
    case n.part_number
      when 0 then r.from_session
      else lpad(to_hex(r.range_number), 2, '0') || rtrim(
        lpad(to_hex(n.part_number * 4), 2, '0'),
        '0'
      )
    end collate "C" as from_session,
    case n.part_number
      when 63 then r.before_session
      else lpad(to_hex(r.range_number), 2, '0') || rtrim(
        lpad(to_hex(n.part_number * 4 + 4), 2, '0'),
        '0'
      )
    end collate "C" as before_session
  from
    reconcile_ranges as r
    cross join generate_series(0, 63) as n (part_number);
