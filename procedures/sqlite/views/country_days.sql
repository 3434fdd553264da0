-- country_days: how many sessions came from each country and kind of address, by day (UTC) of their first event.
--
-- Reads:   session_summaries, by ix_session_summaries_snapshot_country alone
-- Differs: the day is the first ten characters of the time.
--
-- Country and kind are those of the snapshot: what was known then. Sessions without a country are not here.
create view country_days as
  select
    s.snapshot_country,
    s.snapshot_ip_type,
    substr(s.first_event_at, 1, 10) as day,
    count(*) as sessions
  from session_summaries as s
  where s.snapshot_country is not null
  group by
    s.snapshot_country,
    s.snapshot_ip_type,
    substr(s.first_event_at, 1, 10);
