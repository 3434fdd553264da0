-- The clusters of one network number that were at work in a period, those with most addresses first.
--
-- Returns: many
-- Not null: trait_kind, trait, sessions, addresses, first_event_at, last_began_at

select
  c.trait_kind,
  c.trait,
  c.sessions,
  c.addresses,
  c.first_event_at,
  c.last_began_at
from campaign_clusters as c
where
  c.snapshot_asn = :snapshot_asn
  and c.last_began_at >= :period_start
  and c.first_event_at < :period_end
  and c.addresses >= :least_addresses
order by c.addresses desc, c.first_event_at, c.trait_kind, c.trait
limit :row_limit;
