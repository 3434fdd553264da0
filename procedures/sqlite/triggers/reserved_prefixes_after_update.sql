-- reserved_prefixes_after_update: notes in the audit log that a prefix of reserved addresses changes.
--
-- Calls:  note_audit
-- Fails:  never
create trigger tr_reserved_prefixes_after_update
after update on reserved_prefixes
begin
  insert into note_audit (table_name, row_key, action, before, after)
  values
    (
      'reserved_prefixes',
      old.prefix,
      'update',
      json_object(
        'prefix',
        old.prefix,
        'network',
        old.network,
        'meaning',
        old.meaning
      ),
      json_object(
        'prefix',
        new.prefix,
        'network',
        new.network,
        'meaning',
        new.meaning
      )
    );
end;
