-- write_files: writes the files of a range of sessions that differ from what their events add up to.
--
-- Takes:  after_id, up_to_id; least_counted, 1 where summaries that count no file need not be read, else 0; from_at and to_at, of the first_event_at as stored; job_id and inserted, updated, deleted: how many
--         rows will be, by which the counts of the job grow
-- Reads:  file_differences
-- Writes: session_files; jobs, its counts
-- Fails:  never
-- Differs: a view with an INSTEAD OF trigger; postgres has a function.
--
-- Called by rebuild_range and rebuild_sessions, where something differs.
create view write_files as
  select
    cast(null as integer) as job_id,
    cast(null as integer) as after_id,
    cast(null as integer) as up_to_id,
    cast(null as text) as from_at,
    cast(null as text) as to_at,
    cast(null as integer) as inserted,
    cast(null as integer) as updated,
    cast(null as integer) as deleted,
    cast(null as integer) as least_counted
  where false;

create trigger tr_write_files_instead_of_insert
instead of insert on write_files
begin
  update jobs
  set
    rows_inserted = rows_inserted + new.inserted,
    rows_updated = rows_updated + new.updated,
    rows_deleted = rows_deleted + new.deleted
  where job_id = new.job_id;

  delete from session_files
  where
    new.deleted > 0
    and (session_id, shasum) in (
      select d.session_id, d.shasum
      from file_differences as d
      where
        d.action = 'delete'
        and d.summary_id > new.after_id
        and d.summary_id <= new.up_to_id
        and d.stored_first_at >= new.from_at
        and d.stored_first_at < new.to_at
        and d.is_counted >= new.least_counted
    );

  insert into session_files
    (
      session_id,
      shasum,
      url,
      url_key,
      file_name,
      file_name_key,
      first_seen,
      occurrences
    )
  select
    d.session_id,
    d.shasum,
    d.url,
    d.url_key,
    d.file_name,
    d.file_name_key,
    d.first_seen,
    d.occurrences
  from file_differences as d
  where
    new.inserted + new.updated > 0
    and d.action != 'delete'
    and d.summary_id > new.after_id
    and d.summary_id <= new.up_to_id
    and d.stored_first_at >= new.from_at
    and d.stored_first_at < new.to_at
    and d.is_counted >= new.least_counted
  on conflict (session_id, shasum) do update
    set
      url = excluded.url,
      url_key = excluded.url_key,
      file_name = excluded.file_name,
      file_name_key = excluded.file_name_key,
      first_seen = excluded.first_seen,
      occurrences = excluded.occurrences;
end;
