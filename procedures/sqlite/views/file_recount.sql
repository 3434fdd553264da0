-- file_recount: what the row of a session's file must be, counted from its events at once.
--
-- Reads:   event_contributions
-- Needs:   event_contributions
-- Differs: from postgres in nothing but the spelling.
create view file_recount as
  select
    p.session_id,
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
        c.session_id,
        c.file_shasum as shasum,
        min(c.event_key || c.file_url) as url_pick,
        min(c.event_key || c.file_name) as file_name_pick,
        min(c.occurred_at) as first_seen,
        count(*) as occurrences
      from event_contributions as c
      where c.session_id != '' and c.file_shasum is not null
      group by c.session_id, c.file_shasum
    ) as p;
