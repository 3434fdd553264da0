-- asn_inventory_after_insert: notes in the audit log what comes to be known.
--
-- Calls:  note_audit
-- Fails:  never
create trigger tr_asn_inventory_after_insert
after insert on asn_inventory
begin
  insert into note_audit (table_name, row_key, action, before, after)
  values
    (
      'asn_inventory',
      cast(new.asn as text),
      'insert',
      null,
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
