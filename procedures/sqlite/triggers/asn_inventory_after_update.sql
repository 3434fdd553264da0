-- asn_inventory_after_update: keeps the version before, notes the change in the audit log.
--
-- Writes: asn_inventory_history
-- Calls:  note_audit
-- Fails:  never
create trigger tr_asn_inventory_after_update
after update of asn, asn_name, country, registry, kind, enrichment, enriched_at
on asn_inventory
begin
  insert into asn_inventory_history
    (
      asn,
      asn_name,
      country,
      registry,
      kind,
      enrichment,
      enriched_at,
      superseded_at
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

  insert into note_audit (table_name, row_key, action, before, after)
  values
    (
      'asn_inventory',
      cast(new.asn as text),
      'update',
      json_object(
        'asn',
        old.asn,
        'asn_name',
        old.asn_name,
        'country',
        old.country,
        'registry',
        old.registry,
        'kind',
        old.kind,
        'enrichment',
        json(old.enrichment),
        'enriched_at',
        old.enriched_at
      ),
      json_object(
        'asn',
        new.asn,
        'asn_name',
        new.asn_name,
        'country',
        new.country,
        'registry',
        new.registry,
        'kind',
        new.kind,
        'enrichment',
        json(new.enrichment),
        'enriched_at',
        new.enriched_at
      )
    );
end;
