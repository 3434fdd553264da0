-- reserved_prefixes_after_delete: notes in the audit log that a prefix of reserved addresses is deleted.
--
-- Calls:  note_audit
-- Fails:  never
create or replace function tg_reserved_prefixes_after_delete()
returns trigger
language plpgsql
security definer
set search_path from current
as $$
begin
  perform note_audit(
    'reserved_prefixes',
    old.prefix,
    'delete',
    jsonb_build_object(
      'prefix', old.prefix,
      'network', old.network,
      'meaning', old.meaning
    ),
    null
  );
  return null;
end;
$$;

create or replace trigger tr_reserved_prefixes_after_delete
after delete on reserved_prefixes
for each row
execute function tg_reserved_prefixes_after_delete();
