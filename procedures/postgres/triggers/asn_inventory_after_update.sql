-- asn_inventory_after_update: keeps the version before, notes the change in the audit log.
--
-- Writes: asn_inventory_history
-- Calls:  note_audit
-- Fails:  never
create or replace function tg_asn_inventory_after_update()
returns trigger
language plpgsql
security definer
set search_path from current
as $$
begin
  insert into asn_inventory_history (
    asn, asn_name, country, registry, kind, enrichment, enriched_at, superseded_at
  )
  select
    old.asn,
    old.asn_name,
    old.country,
    old.registry,
    old.kind,
    old.enrichment,
    old.enriched_at,
    new.enriched_at
  where old.enriched_at < new.enriched_at
  on conflict do nothing;

  perform note_audit(
    'asn_inventory',
    new.asn::text,
    'update',
    jsonb_build_object(
      'asn', old.asn,
      'asn_name', old.asn_name,
      'country', old.country,
      'registry', old.registry,
      'kind', old.kind,
      'enrichment', old.enrichment,
      'enriched_at', time_text(old.enriched_at)
    ),
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

create or replace trigger tr_asn_inventory_after_update
after update of asn, asn_name, country, registry, kind, enrichment, enriched_at
on asn_inventory
for each row
execute function tg_asn_inventory_after_update();
