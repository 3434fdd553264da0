-- network_days: how many sessions and addresses came from each network, by day (UTC) of their first event.
--
-- Reads:   session_summaries, by ix_session_summaries_snapshot_asn alone
-- Differs: the day is a text too, of the time in UTC; it is written out once for all sessions of a day.
--
-- The network is that of the snapshot: what was known then. Sessions without a network are not here.
create or replace view network_days as
  select
    d.snapshot_asn,
    to_char(cast(d.began_on as timestamp), 'YYYY-MM-DD') as day,
    d.sessions,
    d.addresses
  from
    (
      select
        s.snapshot_asn,
        cast(s.first_event_at at time zone interval '0' as date) as began_on,
        count(*) as sessions,
        count(distinct s.source_ip) as addresses
      from session_summaries as s
      where s.snapshot_asn is not null
      group by
        s.snapshot_asn,
        cast(s.first_event_at at time zone interval '0' as date)
    ) as d;
