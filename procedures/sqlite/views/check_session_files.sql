-- check_session_files: files of sessions that are not what the events of the session add up to; rows are violations.
--
-- Reads:   file_recount, session_files, raw_events
-- Needs:   file_recount
-- Differs: from postgres in nothing but the spelling.
--
-- column_name is empty where a whole row is missing or has no events. Asked for some sessions it reads them alone.
--
-- Trap: without the plus sign SQLite looks for the file by its hash, and reads all events of a common one for each session.
create view check_session_files as
  select
    j.session_id,
    j.shasum,
    k.key as column_name,
    case
      when j.is_missing then null
      else j.stored ->> k.key
    end as stored,
    case
      when j.is_missing then 'a row'
      else k.value
    end as expected
  from
    (
      select
        r.session_id,
        r.shasum,
        s.session_id is null as is_missing,
        json_object(
          'url',
          r.url,
          'url_key',
          r.url_key,
          'file_name',
          r.file_name,
          'file_name_key',
          r.file_name_key,
          'first_seen',
          r.first_seen,
          'occurrences',
          r.occurrences
        ) as expected,
        json_object(
          'url',
          s.url,
          'url_key',
          s.url_key,
          'file_name',
          s.file_name,
          'file_name_key',
          s.file_name_key,
          'first_seen',
          s.first_seen,
          'occurrences',
          s.occurrences
        ) as stored
      from
        file_recount as r
        left join session_files as s
          on s.session_id = r.session_id and s.shasum = r.shasum
    ) as j
    cross join json_each(
      case
        when j.is_missing then '{"":1}'
        else j.expected
      end
    ) as k
  where
    j.stored is not j.expected
    and (j.is_missing or (j.stored ->> k.key) is not k.value)
  union all
  select
    s.session_id,
    s.shasum,
    '' as column_name,
    'a row' as stored,
    null as expected
  from session_files as s
  where
    not exists (
      select 1
      from raw_events as e
      where
        e.session_id = s.session_id
        and e.occurred_at = s.first_seen
        and +e.shasum = s.shasum
        and e.event_type in (
          'cowrie.session.file_download',
          'cowrie.session.file_upload'
        )
    )
    and not exists (
      select 1
      from raw_events as e
      where
        e.session_id = s.session_id
        and +e.shasum = s.shasum
        and e.event_type in (
          'cowrie.session.file_download',
          'cowrie.session.file_upload'
        )
    );
