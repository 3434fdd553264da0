-- rebuild_range: derives the sessions of a range of summary_id anew, and writes the rows that differ.
--
-- Takes:  job_id, whose counts grow; after_id, up_to_id; from_at and to_at, of the first_event_at as stored; parts: summaries,
--         command_stats, or both in one text; is_new, 1 where the summaries were put in empty a moment ago
-- Reads:  command_differences; session_differences; file_differences
-- Calls:  write_commands, write_files, rebuild_sessions
-- Fails:  never
-- Differs: a view with an INSTEAD OF trigger; postgres has a function.
--
-- A range in which nothing differs is read once and not written to. Its summaries are right then, so the files of those alone
-- that count some are read.
create view rebuild_range as
  select
    cast(null as integer) as job_id,
    cast(null as integer) as after_id,
    cast(null as integer) as up_to_id,
    cast(null as text) as from_at,
    cast(null as text) as to_at,
    cast(null as text) as parts,
    cast(null as integer) as is_new
  where false;

create trigger tr_rebuild_range_instead_of_insert
instead of insert on rebuild_range
begin
  insert into write_commands
    (job_id, after_id, up_to_id, from_at, to_at, inserted, updated, deleted)
  select
    new.job_id,
    new.after_id,
    new.up_to_id,
    new.from_at,
    new.to_at,
    count(*) filter (where d.action = 'insert'),
    count(*) filter (where d.action = 'update'),
    count(*) filter (where d.action = 'delete')
  from command_differences as d
  where
    instr(new.parts, 'command_stats') > 0
    and d.summary_id > new.after_id
    and d.summary_id <= new.up_to_id
    and d.stored_first_at >= new.from_at
    and d.stored_first_at < new.to_at
  having count(*) > 0;

  insert into rebuild_sessions
    (job_id, after_id, up_to_id, from_at, to_at, is_new)
  select
    new.job_id,
    new.after_id,
    new.up_to_id,
    new.from_at,
    new.to_at,
    new.is_new
  where
    instr(new.parts, 'summaries') > 0
    and (
      exists (
        select 1
        from session_differences as d
        where
          d.summary_id > new.after_id
          and d.summary_id <= new.up_to_id
          and d.stored_first_at >= new.from_at
          and d.stored_first_at < new.to_at
      )
      or exists (
        select 1
        from session_summaries as s
        where
          s.rowid > new.after_id
          and s.rowid <= new.up_to_id
          and +s.first_event_at >= new.from_at
          and +s.first_event_at < new.to_at
          and not exists (
            select 1 from raw_events as e where e.session_id = s.session_id
          )
      )
    );

  insert into write_files
    (
      job_id,
      after_id,
      up_to_id,
      from_at,
      to_at,
      least_counted,
      inserted,
      updated,
      deleted
    )
  select
    new.job_id,
    new.after_id,
    new.up_to_id,
    new.from_at,
    new.to_at,
    1,
    count(*) filter (where d.action = 'insert'),
    count(*) filter (where d.action = 'update'),
    count(*) filter (where d.action = 'delete')
  from file_differences as d
  where
    instr(new.parts, 'summaries') > 0
    and d.summary_id > new.after_id
    and d.summary_id <= new.up_to_id
    and d.stored_first_at >= new.from_at
    and d.stored_first_at < new.to_at
    and d.is_counted >= 1
  having count(*) > 0;
end;
