-- type_ip: gives the versions of one address the kind that the rules say, where they say one.
--
-- Takes:   ip_address
-- Gives:   nothing
-- Reads:   ip_version_types
-- Writes:  ip_inventory, ip_inventory_history
-- Fails:   never
-- Differs: sqlite has a view with an INSTEAD OF trigger.
--
-- After a change of ip_type_rules: select type_ip(ip_address) from ip_inventory. A snapshot that is taken stays.
create or replace function type_ip(ip_address text)
returns void
language plpgsql
set search_path from current
as $$
begin
  update ip_inventory as i
  set ip_type = t.ip_type
  from ip_version_types as t
  where
    t.ip_address = type_ip.ip_address
    and i.ip_address = type_ip.ip_address
    and i.enriched_at = t.enriched_at
    and i.ip_type is distinct from t.ip_type;

  update ip_inventory_history as h
  set ip_type = t.ip_type
  from ip_version_types as t
  where
    t.ip_address = type_ip.ip_address
    and h.ip_address = type_ip.ip_address
    and h.enriched_at = t.enriched_at
    and h.ip_type is distinct from t.ip_type;
end;
$$;
