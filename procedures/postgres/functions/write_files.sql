-- write_files: writes the files of a range of sessions that differ from what their events add up to.
--
-- Takes:   job_id, whose counts grow; after_id, up_to_id; from_at and to_at, of the first_event_at as stored
-- Gives:   nothing
-- Reads:   file_differences
-- Writes:  session_files, in key order; jobs, its counts
-- Fails:   never
-- Differs: sqlite has a view with an INSTEAD OF trigger, and is told the counts and whether summaries that count no file matter.
--
-- Called by rebuild_sessions alone, where something differs, under the lock of the chain.
create or replace function write_files(
  job_id bigint,
  after_id bigint,
  up_to_id bigint,
  from_at timestamptz,
  to_at timestamptz
)
returns void
language plpgsql
set jit = off
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
set enable_hashjoin = off
set enable_mergejoin = off
set search_path from current
as $$
begin
  with
    differing as materialized (
      select d.*
      from file_differences as d
      where
        d.summary_id > after_id
        and d.summary_id <= up_to_id
        and d.stored_first_at >= from_at
        and (d.stored_first_at < to_at or to_at = 'infinity')
    ),
    deleted as (
      delete from session_files as t
      using differing as d
      where d.action = 'delete' and t.session_id = d.session_id and t.shasum = d.shasum
    ),
    written as (
      insert into session_files (session_id, shasum, url, url_key, file_name, file_name_key, first_seen, occurrences)
      select d.session_id, d.shasum, d.url, d.url_key, d.file_name, d.file_name_key, d.first_seen, d.occurrences
      from differing as d
      where d.action <> 'delete'
      order by d.session_id, d.shasum
      on conflict (session_id, shasum) do update
      set
        url = excluded.url,
        url_key = excluded.url_key,
        file_name = excluded.file_name,
        file_name_key = excluded.file_name_key,
        first_seen = excluded.first_seen,
        occurrences = excluded.occurrences
    )
  update jobs as j
  set
    rows_inserted = j.rows_inserted + c.inserted,
    rows_updated = j.rows_updated + c.updated,
    rows_deleted = j.rows_deleted + c.deleted
  from
    (
      select
        count(*) filter (where d.action = 'insert') as inserted,
        count(*) filter (where d.action = 'update') as updated,
        count(*) filter (where d.action = 'delete') as deleted
      from differing as d
    ) as c
  where j.job_id = write_files.job_id;
end;
$$;
