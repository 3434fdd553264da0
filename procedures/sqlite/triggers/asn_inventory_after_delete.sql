-- asn_inventory_after_delete: notes in the audit log what is forgotten.
--
-- Calls:  note_audit
-- Fails:  never
create trigger tr_asn_inventory_after_delete
after delete on asn_inventory
begin
  insert into note_audit (table_name, row_key, action, before, after)
  values
    (
      'asn_inventory',
      cast(old.asn as text),
      'delete',
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
      null
    );
end;
