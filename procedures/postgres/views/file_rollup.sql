-- file_rollup: the files of each session that has a summary.
--
-- Reads:   session_summaries, whose rows say which sessions; event_contributions
-- Needs:   event_contributions
-- Differs: each session adds up its own events, so that no statistics make the planner read those of all sessions.
--
-- is_counted says whether the summary, as stored, counts files: where summaries are known to be right, others need not be read.
create or replace view file_rollup as
  select
    k.summary_id,
    k.session_id,
    k.first_event_at + interval '0' as stored_first_at,
    k.file_downloads + k.file_uploads > 0 as is_counted,
    p.shasum,
    right(p.url_pick, -59) as url,
    left(p.url_pick, 59) as url_key,
    right(p.file_name_pick, -59) as file_name,
    left(p.file_name_pick, 59) as file_name_key,
    p.first_seen,
    p.occurrences
  from
    session_summaries as k
    cross join lateral (
      select
        c.file_shasum as shasum,
        min(c.event_key || c.file_url) as url_pick,
        min(c.event_key || c.file_name) as file_name_pick,
        min(c.occurred_at) as first_seen,
        count(*) as occurrences
      from event_contributions as c
      where c.session_id = k.session_id and c.file_shasum is not null
      group by c.file_shasum
    ) as p;
