-- network_spread: over how many addresses each network spreads its sessions; many with few sessions each are a snowshoe.
--
-- Reads:   session_summaries, by ix_session_summaries_snapshot_asn alone; asn_inventory, for the names
-- Differs: from the other dialect in nothing but the spelling.
--
-- Ask it for addresses of a certain number, least sessions_per_address first.
create or replace view network_spread as
  select
    n.snapshot_asn,
    a.asn_name,
    n.sessions,
    n.addresses,
    1.0 * n.sessions / n.addresses as sessions_per_address,
    n.first_event_at,
    n.last_began_at
  from
    (
      select
        s.snapshot_asn,
        count(*) as sessions,
        count(distinct s.source_ip) as addresses,
        min(s.first_event_at) as first_event_at,
        max(s.first_event_at) as last_began_at
      from session_summaries as s
      where s.snapshot_asn is not null
      group by s.snapshot_asn
    ) as n
    left join asn_inventory as a on a.asn = n.snapshot_asn;
