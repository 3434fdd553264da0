-- ip_versions: what was known of each address and since when; the version without superseded_at is the one in ip_inventory.
--
-- Reads:   ip_inventory, ip_inventory_history
-- Differs: from postgres in nothing but the spelling.
--
-- What was known at an instant: the row with the greatest enriched_at that is not after it.
create view ip_versions as
  select
    i.ip_address,
    i.enriched_at,
    null as superseded_at,
    i.current_asn,
    i.asn_name,
    i.geo_country,
    i.ip_type,
    i.type_label,
    i.dshield_reports,
    i.enrichment
  from ip_inventory as i
  where i.enriched_at is not null
  union all
  select
    h.ip_address,
    h.enriched_at,
    h.superseded_at,
    h.current_asn,
    h.asn_name,
    h.geo_country,
    h.ip_type,
    h.type_label,
    h.dshield_reports,
    h.enrichment
  from ip_inventory_history as h;
