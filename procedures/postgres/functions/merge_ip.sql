-- merge_ip: makes what is now known of one address its newest version, or an older one where it held before.
--
-- Takes:   ip_address; enriched_at: since when it holds; current_asn, asn_name, geo_country, type_label, dshield_reports, enrichment; NULL where nothing is said
-- Gives:   nothing
-- Reads:   session_summaries, for the counts of a new row
-- Writes:  ip_inventory
-- Calls:   put_ip_history, where it held before the newest version
-- Fails:   WR049 no address, or no time
-- Differs: sqlite has a view with an INSTEAD OF trigger.
--
-- Called by put_ip alone. What is not said stays as it was. What held before the newest version goes into the history, and fills
-- what the versions behind it lack. Where nothing changes, only confirmed_at moves.
create or replace function merge_ip(
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
  v_at timestamptz := merge_ip.enriched_at;
begin
  if coalesce(merge_ip.ip_address, '') = '' or v_at is null then
    raise exception using
      errcode = 'WR049',
      message = 'what is known of an address needs the address and a time';
  end if;

  insert into ip_inventory (
    ip_address, current_asn, asn_name, geo_country, type_label, dshield_reports, enrichment, enriched_at, confirmed_at,
    first_seen, last_seen, session_count
  )
  select
    merge_ip.ip_address,
    merge_ip.current_asn,
    merge_ip.asn_name,
    merge_ip.geo_country,
    merge_ip.type_label,
    merge_ip.dshield_reports,
    merge_ip.enrichment,
    case
      when num_nonnulls(merge_ip.current_asn, merge_ip.asn_name, merge_ip.geo_country, merge_ip.type_label, merge_ip.dshield_reports, merge_ip.enrichment) > 0 then v_at
    end,
    v_at,
    min(s.first_event_at),
    max(s.last_event_at),
    count(*)
  from session_summaries as s
  where s.source_ip = merge_ip.ip_address
  having not exists (select from ip_inventory as i where i.ip_address = merge_ip.ip_address)
  on conflict do nothing;

  update ip_inventory as i
  set
    current_asn = coalesce(merge_ip.current_asn, i.current_asn),
    asn_name = coalesce(merge_ip.asn_name, i.asn_name),
    geo_country = coalesce(merge_ip.geo_country, i.geo_country),
    type_label = coalesce(merge_ip.type_label, i.type_label),
    dshield_reports = coalesce(merge_ip.dshield_reports, i.dshield_reports),
    enrichment = coalesce(merge_ip.enrichment, i.enrichment),
    enriched_at = v_at,
    updated_at = now()
  where
    i.ip_address = merge_ip.ip_address
    and coalesce(i.enriched_at, '-infinity') <= v_at
    and (
      coalesce(merge_ip.current_asn, i.current_asn),
      coalesce(merge_ip.asn_name, i.asn_name),
      coalesce(merge_ip.geo_country, i.geo_country),
      coalesce(merge_ip.type_label, i.type_label),
      coalesce(merge_ip.dshield_reports, i.dshield_reports),
      coalesce(merge_ip.enrichment, i.enrichment)
    ) is distinct from (
      i.current_asn,
      i.asn_name,
      i.geo_country,
      i.type_label,
      i.dshield_reports,
      i.enrichment
    );

  perform put_ip_history(
    merge_ip.ip_address, v_at, merge_ip.current_asn, merge_ip.asn_name, merge_ip.geo_country, merge_ip.type_label, merge_ip.dshield_reports, merge_ip.enrichment
  )
  from ip_inventory as i
  where i.ip_address = merge_ip.ip_address and i.enriched_at > v_at;

  update ip_inventory as i
  set confirmed_at = v_at
  where i.ip_address = merge_ip.ip_address and i.confirmed_at < v_at;
end;
$$;
