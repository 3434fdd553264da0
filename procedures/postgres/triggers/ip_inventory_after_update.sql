-- ip_inventory_after_update: keeps the version before, notes the change in the audit log, and flags the sessions of an address with reports.
--
-- Writes: ip_inventory_history; session_summaries: dshield_flagged
-- Calls:  note_audit
-- Fails:  never
create or replace function tg_ip_inventory_after_update()
returns trigger
language plpgsql
security definer
set search_path from current
as $$
begin
  insert into ip_inventory_history (
    ip_address, current_asn, asn_name, geo_country, ip_type, type_label, dshield_reports, enrichment, enriched_at, superseded_at
  )
  select
    old.ip_address,
    old.current_asn,
    old.asn_name,
    old.geo_country,
    old.ip_type,
    old.type_label,
    old.dshield_reports,
    old.enrichment,
    old.enriched_at,
    new.enriched_at
  where old.enriched_at < new.enriched_at
  on conflict do nothing;

  perform note_audit(
    'ip_inventory',
    new.ip_address,
    'update',
    jsonb_build_object(
      'ip_address', old.ip_address,
      'current_asn', old.current_asn,
      'asn_name', old.asn_name,
      'geo_country', old.geo_country,
      'ip_type', old.ip_type,
      'type_label', old.type_label,
      'dshield_reports', old.dshield_reports,
      'enrichment', old.enrichment,
      'enriched_at', time_text(old.enriched_at)
    ),
    jsonb_build_object(
      'ip_address', new.ip_address,
      'current_asn', new.current_asn,
      'asn_name', new.asn_name,
      'geo_country', new.geo_country,
      'ip_type', new.ip_type,
      'type_label', new.type_label,
      'dshield_reports', new.dshield_reports,
      'enrichment', new.enrichment,
      'enriched_at', time_text(new.enriched_at)
    )
  );

  update session_summaries
  set dshield_flagged = coalesce(new.dshield_reports > 0, false)
  where source_ip = new.ip_address and dshield_flagged <> coalesce(new.dshield_reports > 0, false);
  return null;
end;
$$;

create or replace trigger tr_ip_inventory_after_update
after update of
  ip_address,
  current_asn,
  asn_name,
  geo_country,
  ip_type,
  type_label,
  dshield_reports,
  enrichment,
  enriched_at
on ip_inventory
for each row
execute function tg_ip_inventory_after_update();
