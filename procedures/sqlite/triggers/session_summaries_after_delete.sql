-- session_summaries_after_delete: takes a session from the count of its address.
--
-- Writes: ip_inventory: session_count; ip_recounts
-- Fails:  never
-- Differs: for each row; postgres for each statement, and recounts at once.
create trigger tr_session_summaries_after_delete
after delete on session_summaries
when old.source_ip is not null
begin
  update ip_inventory
  set session_count = session_count - 1
  where ip_address = old.source_ip;

  insert into ip_recounts (ip_address)
  select i.ip_address
  from ip_inventory as i
  where i.ip_address = old.source_ip
  on conflict do nothing;
end;
