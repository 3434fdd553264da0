-- session_places: where each session stands in the order that jobs walk, which is that of storage.
--
-- Reads:   session_summaries
-- Differs: sqlite has the rowid. The sum keeps PostgreSQL from reading all sessions of a time for one page: with a cached plan it
-- cannot know that the range is all of time.
create or replace view session_places as
  select
    s.summary_id,
    s.session_id,
    s.first_event_at + interval '0' as first_event_at,
    s.event_count
  from session_summaries as s;
