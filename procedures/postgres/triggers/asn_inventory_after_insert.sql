-- asn_inventory_after_insert: notes in the audit log what comes to be known.
--
-- Calls:  note_audit
-- Fails:  never
create or replace function tg_asn_inventory_after_insert()
returns trigger
language plpgsql
security definer
set search_path from current
as $$
begin
  perform note_audit(
    'asn_inventory',
    new.asn::text,
    'insert',
    null,
    jsonb_build_object(
      'asn', new.asn,
      'asn_name', new.asn_name,
      'country', new.country,
      'registry', new.registry,
      'kind', new.kind,
      'enrichment', new.enrichment,
      'enriched_at', time_text(new.enriched_at)
    )
  );
  return null;
end;
$$;

create or replace trigger tr_asn_inventory_after_insert
after insert on asn_inventory
for each row
execute function tg_asn_inventory_after_insert();
