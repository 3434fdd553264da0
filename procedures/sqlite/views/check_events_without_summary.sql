-- check_events_without_summary: sessions that events name and that have no summary; rows are violations.
--
-- Reads:   raw_events, session_summaries
-- Differs: from postgres in nothing but the spelling.
--
-- Every event with a session id belongs to exactly one summary, whose key is that id. No foreign key holds this, for a batch's
-- events are there before the seal makes their summaries. Asked for a session, it reads that session alone.
create view check_events_without_summary as
  select
    w.session_id,
    w.event_count,
    w.first_event_at,
    w.last_event_at,
    w.first_event_id
  from
    (
      select
        k.session_id,
        count(*) as event_count,
        min(k.occurred_at) as first_event_at,
        max(k.occurred_at) as last_event_at,
        min(k.event_id) as first_event_id
      from raw_events as k
      where k.session_id != ''
      group by k.session_id
    ) as w
  where
    not exists (
      select 1 from session_summaries as s where s.session_id = w.session_id
    );
