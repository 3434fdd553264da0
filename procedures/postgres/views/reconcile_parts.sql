-- reconcile_parts: the sixteen parts of each range of session ids, by the digit behind its two.
--
-- Reads:   reconcile_ranges
-- Differs: from sqlite in nothing but the spelling.
--
-- The proof of one session reads one part of a bucket, and takes the digests of the others from reconcile_buckets.
create or replace view reconcile_parts as
  select
    r.range_number,
    n.part_number,
    case n.part_number
      when 0 then r.from_session
      else lpad(to_hex(r.range_number), 2, '0') || to_hex(n.part_number)
    end collate "C" as from_session,
    case n.part_number
      when 15 then r.before_session
      else lpad(to_hex(r.range_number), 2, '0') || to_hex(n.part_number + 1)
    end collate "C" as before_session
  from
    reconcile_ranges as r
    cross join generate_series(0, 15) as n (part_number);
