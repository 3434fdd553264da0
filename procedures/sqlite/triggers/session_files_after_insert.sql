-- session_files_after_insert: flags the session of a file that has a malicious verdict.
--
-- Writes: session_summaries: vt_flagged
-- Fails:  never
-- Differs: for each row; postgres for each statement.
create trigger tr_session_files_after_insert
after insert on session_files
when
  exists (
    select 1
    from file_verdicts as v
    where v.shasum = new.shasum and v.is_malicious
  )
begin
  update session_summaries
  set vt_flagged = 1
  where session_id = new.session_id and not vt_flagged;
end;
