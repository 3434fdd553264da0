-- ip_inventory_after_insert: notes in the audit log what comes to be known, and flags the sessions of an address with reports.
--
-- Writes: session_summaries: dshield_flagged
-- Calls:  note_audit
-- Fails:  never
create or replace function tg_ip_inventory_after_insert()
returns trigger
language plpgsql
security definer
set search_path from current
as $$
begin
  perform note_audit(
    'ip_inventory',
    new.ip_address,
    'insert',
    null,
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

create or replace trigger tr_ip_inventory_after_insert
after insert on ip_inventory
for each row
execute function tg_ip_inventory_after_insert();
