-- The buckets of a day with the digests of their parts.
--
-- Returns: many

select range_number, digest, part_digests
from reconcile_buckets
where day = :day
order by range_number;
