-- session_summaries_after_update: counts a session with its address as it is now, and flags it where the address has reports.
--
-- Writes: ip_inventory: session_count, first_seen, last_seen; ip_recounts; session_summaries: dshield_flagged
-- Fails:  never
-- Differs: for each row; postgres for each statement, and recounts at once. A session that leaves an address is noted in ip_recounts.
create trigger tr_session_summaries_after_update
after update of source_ip, first_event_at, last_event_at on session_summaries
when
  (old.source_ip, old.first_event_at, old.last_event_at) is not (
    new.source_ip,
    new.first_event_at,
    new.last_event_at
  )
begin
  update ip_inventory
  set session_count = session_count - 1
  where ip_address = old.source_ip and new.source_ip is not old.source_ip;

  insert into ip_recounts (ip_address)
  select i.ip_address
  from ip_inventory as i
  where
    i.ip_address = old.source_ip
    and (
      new.source_ip is not old.source_ip
      or new.first_event_at > old.first_event_at
      or new.last_event_at < old.last_event_at
    )
  on conflict do nothing;

  update ip_inventory
  set
    session_count = session_count + (new.source_ip is not old.source_ip),
    first_seen = min(
      coalesce(first_seen, new.first_event_at),
      new.first_event_at
    ),
    last_seen = max(coalesce(last_seen, new.last_event_at), new.last_event_at)
  where ip_address = new.source_ip;

  update session_summaries
  set dshield_flagged = not dshield_flagged
  where
    session_id = new.session_id
    and new.source_ip is not old.source_ip
    and dshield_flagged != exists (
      select 1
      from ip_inventory as i
      where i.ip_address = new.source_ip and i.dshield_reports > 0
    );
end;
