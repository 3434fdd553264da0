-- file_verdicts_after_update: keeps the version before, notes the change in the audit log, and flags the sessions with a malicious file.
--
-- Writes: file_verdicts_history; session_summaries: vt_flagged
-- Calls:  note_audit
-- Fails:  never
create or replace function tg_file_verdicts_after_update()
returns trigger
language plpgsql
security definer
set search_path from current
as $$
begin
  insert into file_verdicts_history (
    shasum, source, is_malicious, detail, judged_at, superseded_at
  )
  select
    old.shasum,
    old.source,
    old.is_malicious,
    old.detail,
    old.judged_at,
    new.judged_at
  where old.judged_at < new.judged_at
  on conflict do nothing;

  perform note_audit(
    'file_verdicts',
    new.shasum || ' ' || new.source,
    'update',
    jsonb_build_object(
      'shasum', old.shasum,
      'source', old.source,
      'is_malicious', old.is_malicious,
      'detail', old.detail,
      'judged_at', time_text(old.judged_at)
    ),
    jsonb_build_object(
      'shasum', new.shasum,
      'source', new.source,
      'is_malicious', new.is_malicious,
      'detail', new.detail,
      'judged_at', time_text(new.judged_at)
    )
  );

  update session_summaries
  set vt_flagged = not vt_flagged
  where
    session_id in (
      select f.session_id from session_files as f where f.shasum = new.shasum
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

create or replace trigger tr_file_verdicts_after_update
after update of shasum, source, is_malicious, detail, judged_at on file_verdicts
for each row
execute function tg_file_verdicts_after_update();
