-- fold_files: adds the files of one batch to those of their sessions.
--
-- Takes:  batch_id, inserted as a row; undo_only, 1 to add only the sessions of undo_sessions
-- Reads:  batch_file_rollup; undo_sessions
-- Writes: session_files, in key order
-- Fails:  never
-- Differs: a view with an INSTEAD OF trigger; postgres has a function.
--
-- Called by fold_batch alone.
create view fold_files as
  select cast(null as integer) as batch_id, cast(null as integer) as undo_only
  where false;

create trigger tr_fold_files_instead_of_insert
instead of insert on fold_files
begin
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
    r.session_id,
    r.shasum,
    r.url,
    r.url_key,
    r.file_name,
    r.file_name_key,
    r.first_seen,
    r.occurrences
  from batch_file_rollup as r
  where
    r.batch_id = new.batch_id
    and (
      new.undo_only is null
      or r.session_id in (select u.session_id from undo_sessions as u)
    )
  on conflict (session_id, shasum) do update
    set
      url = case
        when excluded.url_key < coalesce(
          session_files.url_key,
          '~'
        ) then excluded.url
        else session_files.url
      end,
      url_key = min(
        coalesce(excluded.url_key, session_files.url_key),
        coalesce(session_files.url_key, excluded.url_key)
      ),
      file_name = case
        when excluded.file_name_key < coalesce(
          session_files.file_name_key,
          '~'
        ) then excluded.file_name
        else session_files.file_name
      end,
      file_name_key = min(
        coalesce(excluded.file_name_key, session_files.file_name_key),
        coalesce(session_files.file_name_key, excluded.file_name_key)
      ),
      first_seen = min(session_files.first_seen, excluded.first_seen),
      occurrences = session_files.occurrences + excluded.occurrences;
end;
