-- asn_inventory_after_delete: notes in the audit log what is forgotten.
--
-- Calls:  note_audit
-- Fails:  never
create or replace function tg_asn_inventory_after_delete()
returns trigger
language plpgsql
security definer
set search_path from current
as $$
begin
  perform note_audit(
    'asn_inventory',
    old.asn::text,
    'delete',
    jsonb_build_object(
      'asn', old.asn,
      'asn_name', old.asn_name,
      'country', old.country,
      'registry', old.registry,
      'kind', old.kind,
      'enrichment', old.enrichment,
      'enriched_at', time_text(old.enriched_at)
    ),
    null
  );
  return null;
end;
$$;

create or replace trigger tr_asn_inventory_after_delete
after delete on asn_inventory
for each row
execute function tg_asn_inventory_after_delete();
