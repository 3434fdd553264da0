-- session_files_after_insert: flags the sessions of files that have a malicious verdict.
--
-- Writes:  session_summaries: vt_flagged
-- Fails:   never
-- Differs: for each statement; sqlite for each row.
create or replace function tg_session_files_after_insert()
returns trigger
language plpgsql
security definer
set search_path from current
as $$
begin
  update session_summaries as s
  set vt_flagged = true
  where
    not s.vt_flagged
    and s.session_id in (
      select f.session_id
      from
        new_rows as f
        join file_verdicts as v on v.shasum = f.shasum
      where v.is_malicious
    );
  return null;
end;
$$;

create or replace trigger tr_session_files_after_insert
after insert on session_files
referencing new table as new_rows
for each statement
execute function tg_session_files_after_insert();
