-- put_ip_history: takes in what was known of one address before its newest version.
--
-- Takes:   ip_address; enriched_at: since when it held; current_asn, asn_name, geo_country, type_label, dshield_reports, enrichment; NULL where nothing is said
-- Gives:   nothing
-- Reads:   ip_versions
-- Writes:  ip_inventory_history; ip_inventory, where it lacks something
-- Fails:   never
-- Differs: sqlite has a view with an INSTEAD OF trigger.
--
-- Called by merge_ip alone. What is not said is as in the version before it; later versions get what they lack.
create or replace function put_ip_history(
  ip_address text,
  enriched_at timestamptz,
  current_asn bigint,
  asn_name text,
  geo_country text,
  type_label text,
  dshield_reports bigint,
  enrichment jsonb
)
returns void
language plpgsql
set search_path from current
as $$
declare
  v_ip text := put_ip_history.ip_address;
  v_at timestamptz := put_ip_history.enriched_at;
begin
  insert into ip_inventory_history (
    ip_address, current_asn, asn_name, geo_country, type_label, dshield_reports, enrichment, enriched_at, superseded_at
  )
  select
    v_ip,
    coalesce(put_ip_history.current_asn, h.current_asn),
    coalesce(put_ip_history.asn_name, h.asn_name),
    coalesce(put_ip_history.geo_country, h.geo_country),
    coalesce(put_ip_history.type_label, h.type_label),
    coalesce(put_ip_history.dshield_reports, h.dshield_reports),
    coalesce(put_ip_history.enrichment, h.enrichment),
    v_at,
    (
      select min(v.enriched_at)
      from ip_versions as v
      where v.ip_address = v_ip and v.enriched_at > v_at
    )
  from
    (values (1)) as x
    left join ip_inventory_history as h
      on
        h.ip_address = v_ip
        and h.enriched_at = (
          select max(o.enriched_at)
          from ip_inventory_history as o
          where o.ip_address = v_ip and o.enriched_at <= v_at
        )
  where
    num_nonnulls(put_ip_history.current_asn, put_ip_history.asn_name, put_ip_history.geo_country, put_ip_history.type_label, put_ip_history.dshield_reports, put_ip_history.enrichment) > 0
    and (
      h.ip_address is null
      or (
        coalesce(put_ip_history.current_asn, h.current_asn),
        coalesce(put_ip_history.asn_name, h.asn_name),
        coalesce(put_ip_history.geo_country, h.geo_country),
        coalesce(put_ip_history.type_label, h.type_label),
        coalesce(put_ip_history.dshield_reports, h.dshield_reports),
        coalesce(put_ip_history.enrichment, h.enrichment)
      ) is distinct from (
        h.current_asn,
        h.asn_name,
        h.geo_country,
        h.type_label,
        h.dshield_reports,
        h.enrichment
      )
    )
  on conflict on constraint pk_ip_inventory_history do update
  set
    current_asn = excluded.current_asn,
    asn_name = excluded.asn_name,
    geo_country = excluded.geo_country,
    type_label = excluded.type_label,
    dshield_reports = excluded.dshield_reports,
    enrichment = excluded.enrichment;

  update ip_inventory_history as h
  set superseded_at = v_at
  where
    h.ip_address = v_ip
    and h.enriched_at < v_at
    and h.superseded_at > v_at
    and exists (
      select
      from ip_inventory_history as n
      where n.ip_address = v_ip and n.enriched_at = v_at
    );

  update ip_inventory_history as h
  set
    current_asn = coalesce(h.current_asn, put_ip_history.current_asn),
    asn_name = coalesce(h.asn_name, put_ip_history.asn_name),
    geo_country = coalesce(h.geo_country, put_ip_history.geo_country),
    type_label = coalesce(h.type_label, put_ip_history.type_label),
    dshield_reports = coalesce(h.dshield_reports, put_ip_history.dshield_reports),
    enrichment = coalesce(h.enrichment, put_ip_history.enrichment)
  where h.ip_address = v_ip and h.enriched_at > v_at;

  update ip_inventory as i
  set
    current_asn = coalesce(i.current_asn, put_ip_history.current_asn),
    asn_name = coalesce(i.asn_name, put_ip_history.asn_name),
    geo_country = coalesce(i.geo_country, put_ip_history.geo_country),
    type_label = coalesce(i.type_label, put_ip_history.type_label),
    dshield_reports = coalesce(i.dshield_reports, put_ip_history.dshield_reports),
    enrichment = coalesce(i.enrichment, put_ip_history.enrichment)
  where
    i.ip_address = v_ip
    and (
      coalesce(i.current_asn, put_ip_history.current_asn),
      coalesce(i.asn_name, put_ip_history.asn_name),
      coalesce(i.geo_country, put_ip_history.geo_country),
      coalesce(i.type_label, put_ip_history.type_label),
      coalesce(i.dshield_reports, put_ip_history.dshield_reports),
      coalesce(i.enrichment, put_ip_history.enrichment)
    ) is distinct from (
      i.current_asn,
      i.asn_name,
      i.geo_country,
      i.type_label,
      i.dshield_reports,
      i.enrichment
    );
end;
$$;
