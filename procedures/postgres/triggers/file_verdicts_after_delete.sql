-- file_verdicts_after_delete: notes in the audit log what is forgotten, and takes the flag from its sessions.
--
-- Writes: session_summaries: vt_flagged
-- Calls:  note_audit
-- Fails:  never
create or replace function tg_file_verdicts_after_delete()
returns trigger
language plpgsql
security definer
set search_path from current
as $$
begin
  perform note_audit(
    'file_verdicts',
    old.shasum || ' ' || old.source,
    'delete',
    jsonb_build_object(
      'shasum', old.shasum,
      'source', old.source,
      'is_malicious', old.is_malicious,
      'detail', old.detail,
      'judged_at', time_text(old.judged_at)
    ),
    null
  );

  update session_summaries
  set vt_flagged = not vt_flagged
  where
    session_id in (
      select f.session_id from session_files as f where f.shasum = old.shasum
    )
    and vt_flagged <> exists (
    select 1
    from
      session_files as f
      join file_verdicts as v on v.shasum = f.shasum
    where f.session_id = session_summaries.session_id and v.is_malicious
  );
  return null;
end;
$$;

create or replace trigger tr_file_verdicts_after_delete
after delete on file_verdicts
for each row
execute function tg_file_verdicts_after_delete();
