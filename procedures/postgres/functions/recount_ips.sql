-- recount_ips: takes the first and last time of addresses that have lost a session from the sessions that are left.
--
-- Takes:   addresses
-- Gives:   nothing
-- Reads:   session_summaries
-- Writes:  ip_inventory: first_seen, last_seen, in key order
-- Fails:   never
-- Differs: sqlite has a view with an INSTEAD OF trigger, and does what is noted in ip_recounts.
--
-- The count of sessions is added up, never taken from here: one statement may insert and update, and its triggers come one by one.
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
  set first_seen = c.first_seen, last_seen = c.last_seen
  from
    unnest(addresses) as a (ip_address)
    cross join lateral (
      select min(s.first_event_at) as first_seen, max(s.last_event_at) as last_seen
      from session_summaries as s
      where s.source_ip = a.ip_address
    ) as c
  where i.ip_address = a.ip_address;
end;
$$;
