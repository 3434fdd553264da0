-- session_summaries_after_insert: counts a session with its address, and flags it where the address has reports.
--
-- Writes: ip_inventory: session_count, first_seen, last_seen; session_summaries: dshield_flagged
-- Fails:  never
-- Differs: for each row; postgres for each statement.
create trigger tr_session_summaries_after_insert
after insert on session_summaries
when new.source_ip is not null
begin
  update ip_inventory
  set
    session_count = session_count + 1,
    first_seen = min(
      coalesce(first_seen, new.first_event_at),
      new.first_event_at
    ),
    last_seen = max(coalesce(last_seen, new.last_event_at), new.last_event_at)
  where ip_address = new.source_ip;

  update session_summaries
  set dshield_flagged = 1
  where
    session_id = new.session_id
    and not dshield_flagged
    and exists (
      select 1
      from ip_inventory as i
      where i.ip_address = new.source_ip and i.dshield_reports > 0
    );
end;
