-- country_days: how many sessions came from each country and kind of address, by day (UTC) of their first event.
--
-- Reads:   session_summaries, by ix_session_summaries_snapshot_country alone
-- Differs: the day is a text too, of the time in UTC; it is written out once for all sessions of a day.
--
-- Country and kind are those of the snapshot: what was known then. Sessions without a country are not here.
create or replace view country_days as
  select
    d.snapshot_country,
    d.snapshot_ip_type,
    to_char(cast(d.began_on as timestamp), 'YYYY-MM-DD') as day,
    d.sessions
  from
    (
      select
        s.snapshot_country,
        s.snapshot_ip_type,
        cast(s.first_event_at at time zone interval '0' as date) as began_on,
        count(*) as sessions
      from session_summaries as s
      where s.snapshot_country is not null
      group by
        s.snapshot_country,
        s.snapshot_ip_type,
        cast(s.first_event_at at time zone interval '0' as date)
    ) as d;
