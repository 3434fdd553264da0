-- session_files_after_delete: takes the flag from a session that has no file with a malicious verdict any more.
--
-- Writes: session_summaries: vt_flagged
-- Fails:  never
-- Differs: for each row; postgres for each statement.
create trigger tr_session_files_after_delete
after delete on session_files
when
  exists (
    select 1
    from file_verdicts as v
    where v.shasum = old.shasum and v.is_malicious
  )
begin
  update session_summaries
  set vt_flagged = 0
  where
    session_id = old.session_id
    and vt_flagged
    and not exists (
      select 1
      from
        session_files as f
        join file_verdicts as v on v.shasum = f.shasum
      where f.session_id = old.session_id and v.is_malicious
    );
end;
