-- 0005_session_summaries_contract: undo
--
-- Why:         The old name is there again and in step with the new one; what it had is copied back by the down file of 0004.
-- Undo:        Apply the up file again, behind 0004.
-- Loses:       session_summaries, column_copies: the order of the columns; what was copied.

alter table session_summaries
add column snapshot_ip_types text;

create table column_copies (
  column_name text constraint pk_column_copies primary key,
  last_rowid integer not null,
  end_rowid integer not null
)
strict;

insert into column_copies (column_name, last_rowid, end_rowid)
-- Two questions, for SQLite answers each from an end of the table, and both at once by reading all of it.
select
  'snapshot_ip_types',
  coalesce((select min(rowid) from session_summaries), 1) - 1,
  coalesce((select max(rowid) from session_summaries), 0)
union all
select 'snapshot_ip_type', 0, 0;

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
