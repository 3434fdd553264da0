-- check_summaries_without_events: summaries of sessions that no event names; rows are violations.
--
-- Reads:   session_summaries, raw_events
-- Differs: from sqlite in nothing but the spelling.
--
-- A summary lives as long as its events: an undo that takes the last event of a session takes its summary too.
create or replace view check_summaries_without_events as
  select s.session_id, s.event_count, s.first_event_at, s.last_event_at
  from session_summaries as s
  where
    not exists (
      select 1 from raw_events as e where e.session_id = s.session_id
    );
