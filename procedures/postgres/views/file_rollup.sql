-- file_rollup: the files of each session in scope.
--
-- Reads:   session_scope; event_contributions
-- Needs:   event_contributions
-- Differs: from sqlite in nothing but the spelling.
create or replace view file_rollup as
  select
    p.session_id,
    p.shasum,
    right(p.url_pick, -59) as url,
    left(p.url_pick, 59) as url_key,
    right(p.file_name_pick, -59) as file_name,
    left(p.file_name_pick, 59) as file_name_key,
    p.first_seen,
    p.occurrences
  from
    (
      select
        k.session_id,
        c.file_shasum as shasum,
        min(c.event_key || c.file_url) as url_pick,
        min(c.event_key || c.file_name) as file_name_pick,
        min(c.occurred_at) as first_seen,
        count(*) as occurrences
      from
        session_scope as k
        join event_contributions as c on c.session_id = k.session_id
      where c.file_shasum is not null
      group by k.session_id, c.file_shasum
    ) as p;
