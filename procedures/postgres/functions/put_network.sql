-- put_network: takes in what a file says of one network.
--
-- Takes:   asn; enriched_at: since when it holds; asn_name, country, registry, kind, enrichment; NULL where nothing is said
-- Gives:   nothing
-- Writes:  asn_inventory; asn_inventory_history, where it held before the newest version
-- Fails:   never
-- Differs: sqlite has a view with an INSTEAD OF trigger.
--
-- What is not said stays as it was. Where nothing changes, only confirmed_at moves.
create or replace function put_network(
  asn bigint,
  enriched_at timestamptz,
  asn_name text,
  country text,
  registry text,
  kind text,
  enrichment jsonb
)
returns void
language plpgsql
set search_path from current
as $$
begin
  insert into asn_inventory_history (asn, asn_name, country, registry, kind, enrichment, enriched_at, superseded_at)
  select put_network.asn, put_network.asn_name, put_network.country, put_network.registry, put_network.kind, put_network.enrichment, put_network.enriched_at, t.enriched_at
  from asn_inventory as t
  where t.asn = put_network.asn and t.enriched_at > put_network.enriched_at
  on conflict do nothing;

  insert into asn_inventory as t (asn, asn_name, country, registry, kind, enrichment, enriched_at, confirmed_at)
  values (put_network.asn, put_network.asn_name, put_network.country, put_network.registry, put_network.kind, put_network.enrichment, put_network.enriched_at, put_network.enriched_at)
  on conflict on constraint pk_asn_inventory do update
  set
    asn_name = coalesce(excluded.asn_name, t.asn_name),
    country = coalesce(excluded.country, t.country),
    registry = coalesce(excluded.registry, t.registry),
    kind = coalesce(excluded.kind, t.kind),
    enrichment = coalesce(excluded.enrichment, t.enrichment),
    enriched_at = excluded.enriched_at,
    updated_at = now()
  where
    t.enriched_at <= excluded.enriched_at
    and (coalesce(excluded.asn_name, t.asn_name), coalesce(excluded.country, t.country), coalesce(excluded.registry, t.registry), coalesce(excluded.kind, t.kind), coalesce(excluded.enrichment, t.enrichment))
    is distinct from (t.asn_name, t.country, t.registry, t.kind, t.enrichment);

  update asn_inventory as t
  set confirmed_at = put_network.enriched_at
  where t.asn = put_network.asn and t.confirmed_at < put_network.enriched_at;
end;
$$;
