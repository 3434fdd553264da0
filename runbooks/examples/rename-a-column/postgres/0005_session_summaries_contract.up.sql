-- 0005_session_summaries_contract
--
-- Why:         Every program is at the new name; the old column and what kept it in step go.
-- Locks:       ACCESS EXCLUSIVE on session_summaries, catalogue change only, behind a scan that locks nobody out.
-- Rewrites:    Nothing. The space of the column is used again as rows are rewritten.
-- Undo:        The down file brings the old column back, empty and in step; 0004's down file fills it. It is the last column then.
-- Transaction: one
-- Phase:       contract
-- Differs:     sqlite has no statement that raises an error, so a CHECK does.
--
-- lint: locks-unknown: the block reads the table and locks nobody out; the statements behind it lock as they say.
--
-- Stops where a row differs: then a program has written past the triggers, or 0003 was not applied.

do $$
begin
  if exists (
    select 1
    from session_summaries as s
    where s.snapshot_ip_type is distinct from s.snapshot_ip_types
  ) then
    raise exception 'a row of session_summaries has two values, or was not copied'
      using errcode = 'check_violation', hint = 'Run: cowriedb migrate verify --dir FOLDER';
  end if;
end;
$$;

drop trigger tr_session_summaries_rename_insert on session_summaries;
drop trigger tr_session_summaries_rename_from_new on session_summaries;
drop trigger tr_session_summaries_rename_from_old on session_summaries;
drop function tg_session_summaries_rename_insert();
drop function tg_session_summaries_rename_from_new();
drop function tg_session_summaries_rename_from_old();
drop table column_copies;

alter table session_summaries
drop column snapshot_ip_types;
