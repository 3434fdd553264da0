-- 0002_session_summaries_expand
--
-- Why:         Programs read and write the old name and the new one, in any mixture, and both say the same.
-- Locks:       ACCESS EXCLUSIVE on session_summaries, catalogue change only; given up after the lock timeout of the runner.
-- Rewrites:    Nothing. The new column is empty until 0003 has filled it.
-- Undo:        The down file drops the new column; nothing is lost, for the old one has every value.
-- Transaction: one
-- Phase:       expand
-- Differs:     batches walk the key; sqlite has the rowid.
-- Then:        0003, in batches.
--
-- A statement that sets one of the two sets the other; one that sets both to different values sets what the new name says.
-- An insert that gives both gives the same, or what the new name says.

alter table session_summaries
add column snapshot_ip_type text;

create table column_copies (
  column_name text constraint pk_column_copies primary key,
  last_key text not null,
  next_key text not null,
  end_key text not null
);

insert into column_copies (column_name, last_key, next_key, end_key)
select 'snapshot_ip_type', '', '', coalesce(max(s.session_id), '')
from session_summaries as s;

create function tg_session_summaries_rename_insert()
returns trigger
language plpgsql
as $$
begin
  new.snapshot_ip_type := coalesce(new.snapshot_ip_type, new.snapshot_ip_types);
  new.snapshot_ip_types := new.snapshot_ip_type;
  return new;
end;
$$;

create function tg_session_summaries_rename_from_new()
returns trigger
language plpgsql
as $$
begin
  if new.snapshot_ip_type is distinct from old.snapshot_ip_type
    or new.snapshot_ip_types is not distinct from old.snapshot_ip_types
  then
    new.snapshot_ip_types := new.snapshot_ip_type;
  end if;
  return new;
end;
$$;

create function tg_session_summaries_rename_from_old()
returns trigger
language plpgsql
as $$
begin
  if new.snapshot_ip_type is not distinct from old.snapshot_ip_type then
    new.snapshot_ip_type := new.snapshot_ip_types;
  end if;
  return new;
end;
$$;

create trigger tr_session_summaries_rename_insert
before insert on session_summaries
for each row
execute function tg_session_summaries_rename_insert();

create trigger tr_session_summaries_rename_from_new
before update of snapshot_ip_type on session_summaries
for each row
when (new.snapshot_ip_type is distinct from new.snapshot_ip_types)
execute function tg_session_summaries_rename_from_new();

create trigger tr_session_summaries_rename_from_old
before update of snapshot_ip_types on session_summaries
for each row
when (new.snapshot_ip_type is distinct from new.snapshot_ip_types)
execute function tg_session_summaries_rename_from_old();
