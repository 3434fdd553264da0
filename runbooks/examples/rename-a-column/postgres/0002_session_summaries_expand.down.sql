-- 0002_session_summaries_expand: undo
--
-- Why:         Takes back the up file. Every program must be back at the old name.
-- Undo:        Apply the up file again, then 0003.

drop trigger tr_session_summaries_rename_insert on session_summaries;
drop trigger tr_session_summaries_rename_from_new on session_summaries;
drop trigger tr_session_summaries_rename_from_old on session_summaries;
drop function tg_session_summaries_rename_insert();
drop function tg_session_summaries_rename_from_new();
drop function tg_session_summaries_rename_from_old();
drop table column_copies;

alter table session_summaries
drop column snapshot_ip_type;
