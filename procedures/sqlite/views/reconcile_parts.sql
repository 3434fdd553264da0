-- reconcile_parts: the sixteen parts of each range of session ids, by the digit behind its two.
--
-- Reads:   reconcile_ranges
-- Differs: from postgres in nothing but the spelling.
--
-- The proof of one session reads one part of a bucket, and takes the digests of the others from reconcile_buckets.
create view reconcile_parts as
  select
    r.range_number,
    n.value as part_number,
    case n.value
      when 0 then r.from_session
      else printf('%02x%x', r.range_number, n.value)
    end as from_session,
    case n.value
      when 15 then r.before_session
      else printf('%02x%x', r.range_number, n.value + 1)
    end as before_session
  from
    reconcile_ranges as r
    cross join json_each('[0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15]') as n;
