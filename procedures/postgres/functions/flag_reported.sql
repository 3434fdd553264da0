-- flag_reported: flags the sessions whose address has DShield reports, and takes the flag from others.
--
-- Takes:   session_ids
-- Gives:   nothing
-- Reads:   ip_inventory
-- Writes:  session_summaries: dshield_flagged
-- Fails:   never
-- Differs: sqlite has no such function, its triggers see one row at a time.
create or replace function flag_reported(session_ids text[])
returns void
language plpgsql
set search_path from current
as $$
begin
  update session_summaries as s
  set dshield_flagged = not s.dshield_flagged
  where
    s.session_id = any (session_ids)
    and s.dshield_flagged <> exists (
      select
      from ip_inventory as i
      where i.ip_address = s.source_ip and i.dshield_reports > 0
    );
end;
$$;
