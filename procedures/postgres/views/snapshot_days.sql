-- snapshot_days: how many sessions have which snapshot_status, by day (UTC) of their first event.
--
-- Reads:   session_summaries
-- Differs: the day is written out, as text, once for all sessions of a day.
--
-- no_address are sessions without a status that have no address either, and so can have no snapshot; no_status are the others.
create or replace view snapshot_days as
  select
    to_char(cast(d.began_on as timestamp), 'YYYY-MM-DD') collate "C" as day,
    d.sessions,
    d.filled,
    d.not_enriched,
    d.unknown_address,
    d.not_public,
    d.no_address,
    d.no_status
  from
    (
      select
        cast(s.first_event_at at time zone interval '0' as date) as began_on,
        count(*) as sessions,
        count(
          case s.snapshot_status
            when 'filled' then 1
          end
        ) as filled,
        count(
          case s.snapshot_status
            when 'not_enriched' then 1
          end
        ) as not_enriched,
        count(
          case s.snapshot_status
            when 'unknown_address' then 1
          end
        ) as unknown_address,
        count(
          case s.snapshot_status
            when 'not_public' then 1
          end
        ) as not_public,
        count(
          case
            when s.snapshot_status is null
            and s.source_ip is null then 1
          end
        ) as no_address,
        count(
          case
            when s.snapshot_status is null
            and s.source_ip is not null then 1
          end
        ) as no_status
      from session_summaries as s
      group by cast(s.first_event_at at time zone interval '0' as date)
    ) as d;
