-- reserved_prefixes_after_insert: notes in the audit log that a prefix of reserved addresses is added.
--
-- Calls:  note_audit
-- Fails:  never
create or replace function tg_reserved_prefixes_after_insert()
returns trigger
language plpgsql
security definer
set search_path from current
as $$
begin
  perform note_audit(
    'reserved_prefixes',
    new.prefix,
    'insert',
    null,
    jsonb_build_object(
      'prefix', new.prefix,
      'network', new.network,
      'meaning', new.meaning
    )
  );
  return null;
end;
$$;

create or replace trigger tr_reserved_prefixes_after_insert
after insert on reserved_prefixes
for each row
execute function tg_reserved_prefixes_after_insert();
