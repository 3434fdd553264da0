-- session_places: where each session stands in the order that jobs walk, which is that of storage.
--
-- Reads:   session_summaries
-- Differs: the place is the rowid, postgres has a column; the plus keeps SQLite from reading all sessions of a time for one page.
create view session_places as
  select
    s.rowid as summary_id,
    s.session_id,
    +s.first_event_at as first_event_at,
    s.event_count
  from session_summaries as s;
