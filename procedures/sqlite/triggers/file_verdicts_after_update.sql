-- file_verdicts_after_update: keeps the version before, notes the change in the audit log, and flags the sessions with a malicious file.
--
-- Writes: file_verdicts_history; session_summaries: vt_flagged
-- Calls:  note_audit
-- Fails:  never
create trigger tr_file_verdicts_after_update
after update of shasum, source, is_malicious, detail, judged_at on file_verdicts
begin
  insert into file_verdicts_history
    (shasum, source, is_malicious, detail, judged_at, superseded_at)
  select
    old.shasum,
    old.source,
    old.is_malicious,
    old.detail,
    old.judged_at,
    new.judged_at
  where old.judged_at < new.judged_at
  on conflict do nothing;

  insert into note_audit (table_name, row_key, action, before, after)
  values
    (
      'file_verdicts',
      new.shasum || ' ' || new.source,
      'update',
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
