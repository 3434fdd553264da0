-- put_ip_history: takes in what was known of one address before its newest version.
--
-- Takes:  ip_address; enriched_at: since when it held; current_asn, asn_name, geo_country, type_label, dshield_reports, enrichment; NULL where nothing is said
-- Reads:  ip_versions
-- Writes: ip_inventory_history; ip_inventory, where it lacks something
-- Fails:  never
-- Differs: a view with an INSTEAD OF trigger; postgres has a function.
--
-- Called by merge_ip alone. What is not said is as in the version before it; later versions get what they lack.
create view put_ip_history as
  select
    cast(null as text) as ip_address,
    cast(null as text) as enriched_at,
    cast(null as integer) as current_asn,
    cast(null as text) as asn_name,
    cast(null as text) as geo_country,
    cast(null as text) as type_label,
    cast(null as integer) as dshield_reports,
    cast(null as text) as enrichment
  where false;

create trigger tr_put_ip_history_instead_of_insert
instead of insert on put_ip_history
begin
  insert into ip_inventory_history
    (
      ip_address,
      current_asn,
      asn_name,
      geo_country,
      type_label,
      dshield_reports,
      enrichment,
      enriched_at,
      superseded_at
    )
  select
    new.ip_address,
    coalesce(new.current_asn, h.current_asn),
    coalesce(new.asn_name, h.asn_name),
    coalesce(new.geo_country, h.geo_country),
    coalesce(new.type_label, h.type_label),
    coalesce(new.dshield_reports, h.dshield_reports),
    coalesce(new.enrichment, h.enrichment),
    new.enriched_at,
    (
      select min(v.enriched_at)
      from ip_versions as v
      where v.ip_address = new.ip_address and v.enriched_at > new.enriched_at
    )
  from
    (select 1)
    left join ip_inventory_history as h
      on h.ip_address = new.ip_address
      and h.enriched_at = (
        select max(o.enriched_at)
        from ip_inventory_history as o
        where o.ip_address = new.ip_address and o.enriched_at <= new.enriched_at
      )
  where
    coalesce(
      new.current_asn,
      new.asn_name,
      new.geo_country,
      new.type_label,
      new.dshield_reports,
      new.enrichment
    ) is not null
    and (
      h.ip_address is null
      or (
        coalesce(new.current_asn, h.current_asn),
        coalesce(new.asn_name, h.asn_name),
        coalesce(new.geo_country, h.geo_country),
        coalesce(new.type_label, h.type_label),
        coalesce(new.dshield_reports, h.dshield_reports),
        coalesce(new.enrichment, h.enrichment)
      ) is not (
        h.current_asn,
        h.asn_name,
        h.geo_country,
        h.type_label,
        h.dshield_reports,
        h.enrichment
      )
    )
  on conflict (ip_address, enriched_at) do update
    set
      current_asn = excluded.current_asn,
      asn_name = excluded.asn_name,
      geo_country = excluded.geo_country,
      type_label = excluded.type_label,
      dshield_reports = excluded.dshield_reports,
      enrichment = excluded.enrichment;

  update ip_inventory_history
  set superseded_at = new.enriched_at
  where
    ip_address = new.ip_address
    and enriched_at < new.enriched_at
    and superseded_at > new.enriched_at
    and exists (
      select 1
      from ip_inventory_history as n
      where n.ip_address = new.ip_address and n.enriched_at = new.enriched_at
    );

  update ip_inventory_history
  set
    current_asn = coalesce(current_asn, new.current_asn),
    asn_name = coalesce(asn_name, new.asn_name),
    geo_country = coalesce(geo_country, new.geo_country),
    type_label = coalesce(type_label, new.type_label),
    dshield_reports = coalesce(dshield_reports, new.dshield_reports),
    enrichment = coalesce(enrichment, new.enrichment)
  where ip_address = new.ip_address and enriched_at > new.enriched_at;

  update ip_inventory
  set
    current_asn = coalesce(current_asn, new.current_asn),
    asn_name = coalesce(asn_name, new.asn_name),
    geo_country = coalesce(geo_country, new.geo_country),
    type_label = coalesce(type_label, new.type_label),
    dshield_reports = coalesce(dshield_reports, new.dshield_reports),
    enrichment = coalesce(enrichment, new.enrichment)
  where
    ip_address = new.ip_address
    and (
      coalesce(current_asn, new.current_asn),
      coalesce(asn_name, new.asn_name),
      coalesce(geo_country, new.geo_country),
      coalesce(type_label, new.type_label),
      coalesce(dshield_reports, new.dshield_reports),
      coalesce(enrichment, new.enrichment)
    ) is not (
      current_asn,
      asn_name,
      geo_country,
      type_label,
      dshield_reports,
      enrichment
    );
end;
