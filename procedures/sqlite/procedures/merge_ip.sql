-- merge_ip: makes what is now known of one address its newest version, or an older one where it held before.
--
-- Takes:  ip_address; enriched_at: since when it holds; current_asn, asn_name, geo_country, type_label, dshield_reports, enrichment; NULL where nothing is said
-- Reads:  session_summaries, for the counts of a new row
-- Writes: ip_inventory
-- Calls:  put_ip_history, where it held before the newest version
-- Fails:  WR049 no address, or no time
-- Differs: a view with an INSTEAD OF trigger; postgres has a function.
--
-- Called by put_ip alone. What is not said stays as it was. What held before the newest version goes into the history, and fills
-- what the versions behind it lack. Where nothing changes, only confirmed_at moves.
create view merge_ip as
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

create trigger tr_merge_ip_instead_of_insert
instead of insert on merge_ip
begin
  select
    raise(
      abort,
      'WR049 what is known of an address needs the address and a time'
    )
  where
    coalesce(new.ip_address, '') = ''
    or coalesce(new.enriched_at, '') not glob '????-??-??T??:??:??.??????Z';

  insert into ip_inventory
    (
      ip_address,
      current_asn,
      asn_name,
      geo_country,
      type_label,
      dshield_reports,
      enrichment,
      enriched_at,
      confirmed_at,
      first_seen,
      last_seen,
      session_count
    )
  select
    new.ip_address,
    new.current_asn,
    new.asn_name,
    new.geo_country,
    new.type_label,
    new.dshield_reports,
    new.enrichment,
    iif(
      coalesce(
        new.current_asn,
        new.asn_name,
        new.geo_country,
        new.type_label,
        new.dshield_reports,
        new.enrichment
      ) is not null,
      new.enriched_at,
      null
    ),
    new.enriched_at,
    min(s.first_event_at),
    max(s.last_event_at),
    count(*)
  from session_summaries as s
  where s.source_ip = new.ip_address
  having
    not exists (
      select 1 from ip_inventory as i where i.ip_address = new.ip_address
    );

  update ip_inventory
  set
    current_asn = coalesce(new.current_asn, current_asn),
    asn_name = coalesce(new.asn_name, asn_name),
    geo_country = coalesce(new.geo_country, geo_country),
    type_label = coalesce(new.type_label, type_label),
    dshield_reports = coalesce(new.dshield_reports, dshield_reports),
    enrichment = coalesce(new.enrichment, enrichment),
    enriched_at = new.enriched_at,
    updated_at = strftime('%Y-%m-%dT%H:%M:%f000Z', 'now')
  where
    ip_address = new.ip_address
    and coalesce(enriched_at, '') <= new.enriched_at
    and (
      coalesce(new.current_asn, current_asn),
      coalesce(new.asn_name, asn_name),
      coalesce(new.geo_country, geo_country),
      coalesce(new.type_label, type_label),
      coalesce(new.dshield_reports, dshield_reports),
      coalesce(new.enrichment, enrichment)
    ) is not (
      current_asn,
      asn_name,
      geo_country,
      type_label,
      dshield_reports,
      enrichment
    );

  insert into put_ip_history
    (
      ip_address,
      enriched_at,
      current_asn,
      asn_name,
      geo_country,
      type_label,
      dshield_reports,
      enrichment
    )
  select
    new.ip_address,
    new.enriched_at,
    new.current_asn,
    new.asn_name,
    new.geo_country,
    new.type_label,
    new.dshield_reports,
    new.enrichment
  from ip_inventory as i
  where i.ip_address = new.ip_address and i.enriched_at > new.enriched_at;

  update ip_inventory
  set confirmed_at = new.enriched_at
  where ip_address = new.ip_address and confirmed_at < new.enriched_at;
end;
