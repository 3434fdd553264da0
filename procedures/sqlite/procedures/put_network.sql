-- put_network: takes in what a file says of one network.
--
-- Takes:  asn; enriched_at: since when it holds; asn_name, country, registry, kind, enrichment; NULL where nothing is said
-- Writes: asn_inventory; asn_inventory_history, where it held before the newest version
-- Fails:  never
-- Differs: a view with an INSTEAD OF trigger; postgres has a function.
--
-- What is not said stays as it was. Where nothing changes, only confirmed_at moves.
create view put_network as
  select
    cast(null as integer) as asn,
    cast(null as text) as enriched_at,
    cast(null as text) as asn_name,
    cast(null as text) as country,
    cast(null as text) as registry,
    cast(null as text) as kind,
    cast(null as text) as enrichment
  where false;

create trigger tr_put_network_instead_of_insert
instead of insert on put_network
begin
  insert into asn_inventory_history
    (
      asn,
      asn_name,
      country,
      registry,
      kind,
      enrichment,
      enriched_at,
      superseded_at
    )
  select
    new.asn,
    new.asn_name,
    new.country,
    new.registry,
    new.kind,
    new.enrichment,
    new.enriched_at,
    t.enriched_at
  from asn_inventory as t
  where t.asn = new.asn and t.enriched_at > new.enriched_at
  on conflict do nothing;

  insert into asn_inventory
    (
      asn,
      asn_name,
      country,
      registry,
      kind,
      enrichment,
      enriched_at,
      confirmed_at
    )
  values
    (
      new.asn,
      new.asn_name,
      new.country,
      new.registry,
      new.kind,
      new.enrichment,
      new.enriched_at,
      new.enriched_at
    )
  on conflict (asn) do update
    set
      asn_name = coalesce(excluded.asn_name, asn_name),
      country = coalesce(excluded.country, country),
      registry = coalesce(excluded.registry, registry),
      kind = coalesce(excluded.kind, kind),
      enrichment = coalesce(excluded.enrichment, enrichment),
      enriched_at = excluded.enriched_at,
      updated_at = strftime('%Y-%m-%dT%H:%M:%f000Z', 'now')
    where
      enriched_at <= excluded.enriched_at
      and (
        coalesce(excluded.asn_name, asn_name),
        coalesce(excluded.country, country),
        coalesce(excluded.registry, registry),
        coalesce(excluded.kind, kind),
        coalesce(excluded.enrichment, enrichment)
      ) is not (asn_name, country, registry, kind, enrichment);

  update asn_inventory
  set confirmed_at = new.enriched_at
  where asn = new.asn and confirmed_at < new.enriched_at;
end;
