-- count_ips: adds sessions to the counts and times of their addresses.
--
-- Takes:   addresses, each once; session_counts: how many come, less those that go; first_times, last_times, NULL where none comes
-- Gives:   nothing
-- Writes:  ip_inventory: session_count, first_seen, last_seen, in key order
-- Fails:   never
-- Differs: sqlite has no such function, its triggers see one row at a time.
create or replace function count_ips(
  addresses text[],
  session_counts bigint[],
  first_times timestamptz[],
  last_times timestamptz[]
)
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
    session_count = i.session_count + c.session_count,
    first_seen = least(i.first_seen, c.first_seen),
    last_seen = greatest(i.last_seen, c.last_seen)
  from unnest(addresses, session_counts, first_times, last_times) as c (ip_address, session_count, first_seen, last_seen)
  where i.ip_address = c.ip_address;
end;
$$;
