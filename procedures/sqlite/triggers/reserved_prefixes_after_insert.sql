-- reserved_prefixes_after_insert: notes in the audit log that a prefix of reserved addresses is added.
--
-- Calls:  note_audit
-- Fails:  never
create trigger tr_reserved_prefixes_after_insert
after insert on reserved_prefixes
begin
  insert into note_audit (table_name, row_key, action, before, after)
  values
    (
      'reserved_prefixes',
      new.prefix,
      'insert',
      null,
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
