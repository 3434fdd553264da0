-- file_rollup: the files of each session that has a summary.
--
-- Reads:   session_summaries, whose rows say which sessions; event_contributions
-- Differs: from postgres in nothing but the spelling.
-- is_counted says whether the summary, as stored, counts files: where summaries are known to be right, others need not be read.
create view file_rollup as
  select
    p.summary_id,
    p.session_id,
    p.stored_first_at,
    p.is_counted,
    p.shasum,
    substr(p.url_pick, 60) as url,
    substr(p.url_pick, 1, 59) as url_key,
    substr(p.file_name_pick, 60) as file_name,
    substr(p.file_name_pick, 1, 59) as file_name_key,
    p.first_seen,
    p.occurrences
  from
    (
      select
        k.rowid as summary_id,
        k.session_id,
        k.first_event_at as stored_first_at,
        k.file_downloads + k.file_uploads > 0 as is_counted,
        c.file_shasum as shasum,
        min(c.event_key || c.file_url) as url_pick,
        min(c.event_key || c.file_name) as file_name_pick,
        min(c.occurred_at) as first_seen,
        count(*) as occurrences
      from
        session_summaries as k
        cross join event_contributions as c on c.session_id = k.session_id
      where c.file_shasum is not null
      group by
        k.rowid,
        k.session_id,
        k.first_event_at,
        k.file_downloads + k.file_uploads > 0,
        c.file_shasum
    ) as p;
