-- ip_inventory_after_delete: notes in the audit log what is forgotten, and takes the flag from its sessions.
--
-- Writes: session_summaries: dshield_flagged
-- Calls:  note_audit
-- Fails:  never
create trigger tr_ip_inventory_after_delete
after delete on ip_inventory
begin
  insert into note_audit (table_name, row_key, action, before, after)
  values
    (
      'ip_inventory',
      old.ip_address,
      'delete',
      json_object(
        'ip_address',
        old.ip_address,
        'current_asn',
        old.current_asn,
        'asn_name',
        old.asn_name,
        'geo_country',
        old.geo_country,
        'ip_type',
        old.ip_type,
        'type_label',
        old.type_label,
        'dshield_reports',
        old.dshield_reports,
        'enrichment',
        json(old.enrichment),
        'enriched_at',
        old.enriched_at
      ),
      null
    );

  update session_summaries
  set dshield_flagged = 0
  where source_ip = old.ip_address and dshield_flagged != 0;
end;
