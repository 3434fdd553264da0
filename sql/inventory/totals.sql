-- How many rows the inventory has.
--
-- Returns: one
-- Not null: addresses, address_versions, networks, network_versions, verdicts, verdict_versions

select
  (select count(*) from ip_inventory) as addresses,
  (select count(*) from ip_inventory_history) as address_versions,
  (select count(*) from asn_inventory) as networks,
  (select count(*) from asn_inventory_history) as network_versions,
  (select count(*) from file_verdicts) as verdicts,
  (select count(*) from file_verdicts_history) as verdict_versions;
