-- type_ip: gives the versions of one address the kind that the rules say, where they say one.
--
-- Takes:  ip_address, inserted as a row
-- Reads:  ip_version_types
-- Writes: ip_inventory, ip_inventory_history
-- Fails:  never
-- Differs: a view with an INSTEAD OF trigger; postgres has a function.
--
-- After a change of ip_type_rules: insert into type_ip (ip_address) select ip_address from ip_inventory. A snapshot that is taken stays.
create view type_ip as
  select cast(null as text) as ip_address
  where false;

create trigger tr_type_ip_instead_of_insert
instead of insert on type_ip
begin
  update ip_inventory
  set ip_type = t.ip_type
  from ip_version_types as t
  where
    t.ip_address = new.ip_address
    and ip_inventory.ip_address = new.ip_address
    and ip_inventory.enriched_at = t.enriched_at
    and ip_inventory.ip_type is not t.ip_type;

  update ip_inventory_history
  set ip_type = t.ip_type
  from ip_version_types as t
  where
    t.ip_address = new.ip_address
    and ip_inventory_history.ip_address = new.ip_address
    and ip_inventory_history.enriched_at = t.enriched_at
    and ip_inventory_history.ip_type is not t.ip_type;
end;
