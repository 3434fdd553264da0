-- What the inventory has of some networks, as one text each, and how many older versions.
--
-- Returns: many
-- Not null: subject, state, versions

select
  cast(i.asn as text) as subject,
  json_array(
    i.asn_name,
    i.country,
    i.registry,
    i.kind,
    i.enrichment,
    i.enriched_at
  ) as state,
  (
    select count(*) from asn_inventory_history as h where h.asn = i.asn
  ) as versions
from asn_inventory as i
where
  i.asn in (
    select cast(k.value as integer)
    from json_each(:subjects) as k
  );
