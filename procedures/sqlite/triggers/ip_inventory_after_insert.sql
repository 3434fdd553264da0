-- ip_inventory_after_insert: notes in the audit log what comes to be known, and flags the sessions of an address with reports.
--
-- Writes: session_summaries: dshield_flagged
-- Calls:  note_audit
-- Fails:  never
create trigger tr_ip_inventory_after_insert
after insert on ip_inventory
begin
  insert into note_audit (table_name, row_key, action, before, after)
  values
    (
      'ip_inventory',
      new.ip_address,
      'insert',
      null,
      json_object(
        'ip_address',
        new.ip_address,
        'current_asn',
        new.current_asn,
        'asn_name',
        new.asn_name,
        'geo_country',
        new.geo_country,
        'ip_type',
        new.ip_type,
        'type_label',
        new.type_label,
        'dshield_reports',
        new.dshield_reports,
        'enrichment',
        json(new.enrichment),
        'enriched_at',
        new.enriched_at
      )
    );

  update session_summaries
  set dshield_flagged = coalesce(new.dshield_reports > 0, 0)
  where
    source_ip = new.ip_address
    and dshield_flagged != coalesce(new.dshield_reports > 0, 0);
end;
