-- reserved_prefixes_after_delete: notes in the audit log that a prefix of reserved addresses is deleted.
--
-- Calls:  note_audit
-- Fails:  never
create trigger tr_reserved_prefixes_after_delete
after delete on reserved_prefixes
begin
  insert into note_audit (table_name, row_key, action, before, after)
  values
    (
      'reserved_prefixes',
      old.prefix,
      'delete',
      json_object(
        'prefix',
        old.prefix,
        'network',
        old.network,
        'meaning',
        old.meaning
      ),
      null
    );
end;
