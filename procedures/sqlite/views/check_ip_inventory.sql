-- check_ip_inventory: addresses whose count of sessions or whose times are not those of their sessions; no rows when all is right.
--
-- Reads:   ip_inventory; session_summaries
-- Differs: from postgres in nothing but the spelling.
create view check_ip_inventory as
  select
    i.ip_address,
    i.session_count,
    coalesce(c.session_count, 0) as expected_count,
    i.first_seen,
    c.first_seen as expected_first_seen,
    i.last_seen,
    c.last_seen as expected_last_seen
  from
    ip_inventory as i
    left join (
      select
        s.source_ip,
        count(*) as session_count,
        min(s.first_event_at) as first_seen,
        max(s.last_event_at) as last_seen
      from session_summaries as s
      where s.source_ip is not null
      group by s.source_ip
    ) as c
      on c.source_ip = i.ip_address
  where
    i.session_count != coalesce(c.session_count, 0)
    or i.first_seen is not c.first_seen
    or i.last_seen is not c.last_seen;
