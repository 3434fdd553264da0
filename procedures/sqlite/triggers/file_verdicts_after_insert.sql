-- file_verdicts_after_insert: notes in the audit log what comes to be known, and flags the sessions with a malicious file.
--
-- Writes: session_summaries: vt_flagged
-- Calls:  note_audit
-- Fails:  never
create trigger tr_file_verdicts_after_insert
after insert on file_verdicts
begin
  insert into note_audit (table_name, row_key, action, before, after)
  values
    (
      'file_verdicts',
      new.shasum || ' ' || new.source,
      'insert',
      null,
      json_object(
        'shasum',
        new.shasum,
        'source',
        new.source,
        'is_malicious',
        json(iif(new.is_malicious, 'true', 'false')),
        'detail',
        json(new.detail),
        'judged_at',
        new.judged_at
      )
    );

  update session_summaries
  set vt_flagged = not vt_flagged
  where
    session_id in (
      select f.session_id from session_files as f where f.shasum = new.shasum
    )
    and vt_flagged != exists (
      select 1
      from
        session_files as f
        join file_verdicts as v on v.shasum = f.shasum
      where f.session_id = session_summaries.session_id and v.is_malicious
    );
end;
