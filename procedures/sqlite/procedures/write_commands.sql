-- write_commands: writes the command statistics of a range of sessions that differ from what their events add up to.
--
-- Takes:  after_id, up_to_id; from_at and to_at, of the first_event_at as stored; job_id and inserted, updated, deleted: how many
--         rows will be, by which the counts of the job grow
-- Reads:  command_differences
-- Writes: command_stats; jobs, its counts
-- Fails:  never
-- Differs: a view with an INSTEAD OF trigger; postgres has a function.
--
-- Called by rebuild_range alone, where something differs.
create view write_commands as
  select
    cast(null as integer) as job_id,
    cast(null as integer) as after_id,
    cast(null as integer) as up_to_id,
    cast(null as text) as from_at,
    cast(null as text) as to_at,
    cast(null as integer) as inserted,
    cast(null as integer) as updated,
    cast(null as integer) as deleted
  where false;

create trigger tr_write_commands_instead_of_insert
instead of insert on write_commands
begin
  update jobs
  set
    rows_inserted = rows_inserted + new.inserted,
    rows_updated = rows_updated + new.updated,
    rows_deleted = rows_deleted + new.deleted
  where job_id = new.job_id;

  delete from command_stats
  where
    new.deleted > 0
    and (session_id, command) in (
      select d.session_id, d.command
      from command_differences as d
      where
        d.action = 'delete'
        and d.summary_id > new.after_id
        and d.summary_id <= new.up_to_id
        and d.stored_first_at >= new.from_at
        and d.stored_first_at < new.to_at
    );

  insert into command_stats
    (
      session_id,
      command,
      inputs,
      successes,
      failures,
      first_seen,
      last_seen,
      high_risk
    )
  select
    d.session_id,
    d.command,
    d.inputs,
    d.successes,
    d.failures,
    d.first_seen,
    d.last_seen,
    d.high_risk
  from command_differences as d
  where
    new.inserted + new.updated > 0
    and d.action != 'delete'
    and d.summary_id > new.after_id
    and d.summary_id <= new.up_to_id
    and d.stored_first_at >= new.from_at
    and d.stored_first_at < new.to_at
  on conflict (session_id, command) do update
    set
      inputs = excluded.inputs,
      successes = excluded.successes,
      failures = excluded.failures,
      first_seen = excluded.first_seen,
      last_seen = excluded.last_seen,
      high_risk = excluded.high_risk;
end;
