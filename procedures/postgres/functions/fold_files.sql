-- fold_files: adds the files of one batch to those of their sessions.
--
-- Takes:   batch_id; undo_only, true to add only the sessions of undo_sessions
-- Gives:   nothing
-- Reads:   batch_file_rollup; undo_sessions
-- Writes:  session_files, in key order
-- Fails:   never
-- Differs: sqlite has a view with an INSTEAD OF trigger.
--
-- Called by fold_batch alone.
create or replace function fold_files(
  batch_id bigint,
  undo_only boolean default false
)
returns void
language plpgsql
set search_path from current
as $$
begin
  insert into session_files (
    session_id, shasum, url, url_key, file_name, file_name_key, first_seen, occurrences
  )
  select
    r.session_id, r.shasum, r.url, r.url_key, r.file_name, r.file_name_key, r.first_seen, r.occurrences
  from batch_file_rollup as r
  where
    r.batch_id = fold_files.batch_id
    and (not undo_only or r.session_id in (select u.session_id from undo_sessions as u))
  order by r.session_id, r.shasum
  on conflict (session_id, shasum) do update
  set
    url = case
      when excluded.url_key < coalesce(session_files.url_key, '~') then excluded.url
      else session_files.url
    end,
    url_key = least(session_files.url_key, excluded.url_key),
    file_name = case
      when excluded.file_name_key < coalesce(session_files.file_name_key, '~') then excluded.file_name
      else session_files.file_name
    end,
    file_name_key = least(session_files.file_name_key, excluded.file_name_key),
    first_seen = least(session_files.first_seen, excluded.first_seen),
    occurrences = session_files.occurrences + excluded.occurrences;
end;
$$;
