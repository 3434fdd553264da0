-- 0005_session_summaries_contract
--
-- Why:         Every program is at the new name; the old column and what kept it in step go.
-- Locks:       The write lock for as long as the rewrite takes; readers of a database with a write-ahead log go on.
-- Rewrites:    session_summaries, whole, in one transaction: SQLite drops a column by writing every row anew.
-- Undo:        The down file brings the old column back, empty and in step; 0004's down file fills it. It is the last column then.
-- Transaction: one
-- Phase:       contract
--
-- lint: lock-long: column_copies has a row a column; session_summaries is written anew in a quiet hour, measured first.
--
-- Stops where a row differs: then a program has written past the triggers, or 0003 was not applied.

create table uncopied_rows (
  row_count integer constraint ck_every_row_is_copied check (row_count = 0)
)
strict;

insert into uncopied_rows (row_count)
select count(*)
from session_summaries
where snapshot_ip_type is not snapshot_ip_types;

drop table uncopied_rows;
drop trigger tr_session_summaries_rename_insert;
drop trigger tr_session_summaries_rename_from_new;
drop trigger tr_session_summaries_rename_from_old;
drop table column_copies;

alter table session_summaries
drop column snapshot_ip_types;
