-- What the inventory has of some addresses, as one text each, and how many older versions.
--
-- Returns: many
-- Not null: subject, state, versions

select
  i.ip_address as subject,
  cast(
    jsonb_build_array(
      i.current_asn,
      i.asn_name,
      i.geo_country,
      i.ip_type,
      i.type_label,
      i.dshield_reports,
      i.enrichment,
      i.enriched_at
    ) as text
  ) as state,
  (
    select count(*)
    from ip_inventory_history as h
    where h.ip_address = i.ip_address
  ) as versions
from ip_inventory as i
where
  i.ip_address in (
    select k.value
    from
      jsonb_array_elements_text(cast(cast(:subjects as text) as jsonb)) as k (
        value
      )
  );
