-- recount_ips: takes the counts and times of addresses from their sessions.
--
-- Takes:   addresses
-- Gives:   nothing
-- Reads:   session_summaries
-- Writes:  ip_inventory: session_count, first_seen, last_seen, in key order
-- Fails:   never
-- Differs: sqlite has a view with an INSTEAD OF trigger, and does what is noted in ip_recounts.
create or replace function recount_ips(addresses text[])
returns void
language plpgsql
set search_path from current
as $$
begin
  perform
  from ip_inventory as i
  where i.ip_address = any (addresses)
  order by i.ip_address
  for no key update;

  update ip_inventory as i
  set
    session_count = c.session_count,
    first_seen = c.first_seen,
    last_seen = c.last_seen
  from
    unnest(addresses) as a (ip_address)
    cross join lateral (
      select count(*) as session_count, min(s.first_event_at) as first_seen, max(s.last_event_at) as last_seen
      from session_summaries as s
      where s.source_ip = a.ip_address
    ) as c
  where i.ip_address = a.ip_address;
end;
$$;
