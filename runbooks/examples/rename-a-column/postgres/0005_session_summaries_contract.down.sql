-- 0005_session_summaries_contract: undo
--
-- Why:         The old name is there again and in step with the new one; what it had is copied back by the down file of 0004.
-- Undo:        Apply the up file again, behind 0004.
-- Loses:       session_summaries, column_copies: the order of the columns; what was copied.

alter table session_summaries
add column snapshot_ip_types text;

create table column_copies (
  column_name text constraint pk_column_copies primary key,
  last_key text not null,
  next_key text not null,
  end_key text not null
);

insert into column_copies (column_name, last_key, next_key, end_key)
select 'snapshot_ip_types', '', '', coalesce(max(s.session_id), '')
from session_summaries as s
union all
select 'snapshot_ip_type', '', '', '';

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
