-- check_session_files: files of sessions that are not what the events of the session add up to; rows are violations.
--
-- Reads:   file_recount, session_files, raw_events
-- Needs:   file_recount
-- Differs: from sqlite in nothing but the spelling.
--
-- column_name is empty where a whole row is missing or has no events. Asked for some sessions it reads them alone.
create or replace view check_session_files as
  select
    r.session_id,
    r.shasum,
    k.key as column_name,
    case
      when s.session_id is not null then j.stored ->> k.key
    end as stored,
    case
      when s.session_id is null then 'a row'
      else k.value
    end as expected
  from
    file_recount as r
    left join session_files as s
      on s.session_id = r.session_id and s.shasum = r.shasum
    cross join lateral (
      select
        to_jsonb(s) as stored,
        to_jsonb(r) - array['session_id', 'shasum'] as expected
      offset 0
    ) as j
    cross join lateral jsonb_each_text(
      case
        when s.session_id is null then '{"": 1}'::jsonb
        else j.expected
      end
    ) as k
  where
    (
      r.url,
      r.url_key,
      r.file_name,
      r.file_name_key,
      r.first_seen,
      r.occurrences
    ) is distinct from (
      s.url,
      s.url_key,
      s.file_name,
      s.file_name_key,
      s.first_seen,
      s.occurrences
    )
    and (s.session_id is null or (j.stored ->> k.key) is distinct from k.value)
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
        and e.shasum = s.shasum
        and e.event_type in (
          'cowrie.session.file_download',
          'cowrie.session.file_upload'
        )
    );
