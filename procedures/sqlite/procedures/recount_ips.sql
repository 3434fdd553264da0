-- recount_ips: takes the first and last time of addresses that have lost a session from the sessions that are left.
--
-- Takes:  batch_id, inserted as a row; ignored, all of ip_recounts are done
-- Reads:  ip_recounts; session_summaries
-- Writes: ip_inventory: first_seen, last_seen; ip_recounts, which is empty then
-- Fails:  never
-- Differs: a view with an INSTEAD OF trigger; postgres has a function, which is told the addresses.
--
-- Called at the end of each seal, undo and batch of a job. A session that is taken away by hand is settled by the next of them.
create view recount_ips as
  select cast(null as integer) as batch_id
  where false;

create trigger tr_recount_ips_instead_of_insert
instead of insert on recount_ips
begin
  update ip_inventory
  set (first_seen, last_seen) = (
    select min(s.first_event_at), max(s.last_event_at)
    from session_summaries as s
    where s.source_ip = ip_inventory.ip_address
  )
  where ip_address in (select c.ip_address from ip_recounts as c);

  delete from ip_recounts
  where exists (select 1 from ip_recounts as c);
end;
