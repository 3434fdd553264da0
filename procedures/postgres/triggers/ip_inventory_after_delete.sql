-- ip_inventory_after_delete: notes in the audit log what is forgotten, and takes the flag from its sessions.
--
-- Writes: session_summaries: dshield_flagged
-- Calls:  note_audit
-- Fails:  never
create or replace function tg_ip_inventory_after_delete()
returns trigger
language plpgsql
security definer
set search_path from current
as $$
begin
  perform note_audit(
    'ip_inventory',
    old.ip_address,
    'delete',
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
    null
  );

  update session_summaries
  set dshield_flagged = false
  where source_ip = old.ip_address and dshield_flagged <> false;
  return null;
end;
$$;

create or replace trigger tr_ip_inventory_after_delete
after delete on ip_inventory
for each row
execute function tg_ip_inventory_after_delete();
