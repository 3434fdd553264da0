-- reserved_prefixes_after_update: notes in the audit log that a prefix of reserved addresses changes.
--
-- Calls:  note_audit
-- Fails:  never
create or replace function tg_reserved_prefixes_after_update()
returns trigger
language plpgsql
security definer
set search_path from current
as $$
begin
  perform note_audit(
    'reserved_prefixes',
    old.prefix,
    'update',
    jsonb_build_object(
      'prefix', old.prefix,
      'network', old.network,
      'meaning', old.meaning
    ),
    jsonb_build_object(
      'prefix', new.prefix,
      'network', new.network,
      'meaning', new.meaning
    )
  );
  return null;
end;
$$;

create or replace trigger tr_reserved_prefixes_after_update
after update on reserved_prefixes
for each row
execute function tg_reserved_prefixes_after_update();
