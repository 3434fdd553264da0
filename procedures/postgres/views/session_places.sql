-- session_places: where each session stands in the order that jobs walk, which is that of storage.
--
-- Reads:   session_summaries
-- Differs: sqlite has the rowid.
create or replace view session_places as
  select s.summary_id, s.session_id, s.first_event_at, s.event_count
  from session_summaries as s;
