-- session_files_after_delete: takes the flag from sessions that have no file with a malicious verdict any more.
--
-- Writes:  session_summaries: vt_flagged
-- Fails:   never
-- Differs: for each statement; sqlite for each row.
create or replace function tg_session_files_after_delete()
returns trigger
language plpgsql
security definer
set search_path from current
as $$
begin
  update session_summaries as s
  set vt_flagged = false
  where
    s.vt_flagged
    and s.session_id in (
      select o.session_id
      from
        old_rows as o
        join file_verdicts as v on v.shasum = o.shasum
      where v.is_malicious
    )
    and not exists (
      select
      from
        session_files as f
        join file_verdicts as v on v.shasum = f.shasum
      where f.session_id = s.session_id and v.is_malicious
    );
  return null;
end;
$$;

create or replace trigger tr_session_files_after_delete
after delete on session_files
referencing old table as old_rows
for each statement
execute function tg_session_files_after_delete();
