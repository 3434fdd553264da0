-- file_verdicts_after_delete: notes in the audit log what is forgotten, and takes the flag from its sessions.
--
-- Writes: session_summaries: vt_flagged
-- Calls:  note_audit
-- Fails:  never
create trigger tr_file_verdicts_after_delete
after delete on file_verdicts
begin
  insert into note_audit (table_name, row_key, action, before, after)
  values
    (
      'file_verdicts',
      old.shasum || ' ' || old.source,
      'delete',
      json_object(
        'shasum',
        old.shasum,
        'source',
        old.source,
        'is_malicious',
        json(iif(old.is_malicious, 'true', 'false')),
        'detail',
        json(old.detail),
        'judged_at',
        old.judged_at
      ),
      null
    );

  update session_summaries
  set vt_flagged = not vt_flagged
  where
    session_id in (
      select f.session_id from session_files as f where f.shasum = old.shasum
    )
    and vt_flagged != exists (
      select 1
      from
        session_files as f
        join file_verdicts as v on v.shasum = f.shasum
      where f.session_id = session_summaries.session_id and v.is_malicious
    );
end;
