-- 0002_session_summaries_expand
--
-- Why:         Programs read and write the old name and the new one, in any mixture, and both say the same.
-- Locks:       The write lock, for the catalogue change only.
-- Rewrites:    Nothing. The new column is empty until 0003 has filled it.
-- Undo:        The down file drops the new column; nothing is lost, for the old one has every value. It rewrites the table.
-- Transaction: one
-- Phase:       expand
-- Then:        0003, in batches.
--
-- A statement that sets one of the two sets the other; one that sets both to different values sets what the new name says.
-- An insert that gives both gives the same, or what the new name says.

alter table session_summaries
add column snapshot_ip_type text;

create table column_copies (
  column_name text constraint pk_column_copies primary key,
  last_rowid integer not null,
  end_rowid integer not null
)
strict;

insert into column_copies (column_name, last_rowid, end_rowid)
-- Two questions, for SQLite answers each from an end of the table, and both at once by reading all of it.
select
  'snapshot_ip_type',
  coalesce((select min(rowid) from session_summaries), 1) - 1,
  coalesce((select max(rowid) from session_summaries), 0);

create trigger tr_session_summaries_rename_insert
after insert on session_summaries
when new.snapshot_ip_type is not new.snapshot_ip_types
begin
  update session_summaries
  set
    snapshot_ip_type = coalesce(new.snapshot_ip_type, new.snapshot_ip_types),
    snapshot_ip_types = coalesce(new.snapshot_ip_type, new.snapshot_ip_types)
  where rowid = new.rowid;
end;

create trigger tr_session_summaries_rename_from_new
after update of snapshot_ip_type on session_summaries
when
  new.snapshot_ip_type is not new.snapshot_ip_types
  and (
    new.snapshot_ip_type is not old.snapshot_ip_type
    or new.snapshot_ip_types is old.snapshot_ip_types
  )
begin
  update session_summaries
  set snapshot_ip_types = new.snapshot_ip_type
  where rowid = new.rowid;
end;

create trigger tr_session_summaries_rename_from_old
after update of snapshot_ip_types on session_summaries
when
  new.snapshot_ip_types is not new.snapshot_ip_type
  and new.snapshot_ip_type is old.snapshot_ip_type
begin
  update session_summaries
  set snapshot_ip_type = new.snapshot_ip_types
  where rowid = new.rowid;
end;
