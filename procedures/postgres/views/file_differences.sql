-- file_differences: files of sessions that are not what the events add up to; rows with their action and the values they should have.
--
-- Reads:   file_rollup, session_files, session_summaries, raw_events
-- Needs:   file_rollup
-- Differs: IS NOT DISTINCT keeps postgres, as a plus keeps sqlite, from looking a file up in all sessions.
--
-- Asked for a range of summary_id it reads those sessions alone. is_counted says whether the summary, as stored, counts files; a
-- row to delete always counts.
create or replace view file_differences as
  select
    r.summary_id,
    r.session_id,
    r.stored_first_at,
    r.is_counted,
    r.shasum,
    case
      when t.session_id is null then 'insert'
      else 'update'
    end as action,
    r.url,
    r.url_key,
    r.file_name,
    r.file_name_key,
    r.first_seen,
    r.occurrences
  from
    file_rollup as r
    left join session_files as t
      on t.session_id = r.session_id and t.shasum = r.shasum
  where
    t.session_id is null
    or (
      r.url,
      r.url_key,
      r.file_name,
      r.file_name_key,
      r.first_seen,
      r.occurrences
    ) is distinct from (
      t.url,
      t.url_key,
      t.file_name,
      t.file_name_key,
      t.first_seen,
      t.occurrences
    )
  union all
  select
    k.summary_id,
    k.session_id,
    k.first_event_at + interval '0' as stored_first_at,
    true as is_counted,
    t.shasum,
    'delete' as action,
    t.url,
    t.url_key,
    t.file_name,
    t.file_name_key,
    t.first_seen,
    t.occurrences
  from
    session_summaries as k
    join session_files as t on t.session_id = k.session_id
  where
    not exists (
      select 1
      from raw_events as e
      where
        e.session_id = t.session_id
        and e.shasum is not distinct from t.shasum
        and e.event_type in (
          'cowrie.session.file_download',
          'cowrie.session.file_upload'
        )
    );
