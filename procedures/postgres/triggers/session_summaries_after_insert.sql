-- session_summaries_after_insert: counts sessions with their addresses, and flags them where the address has reports.
--
-- Calls:   count_ips; flag_reported
-- Fails:   never
-- Differs: for each statement; sqlite for each row.
create or replace function tg_session_summaries_after_insert()
returns trigger
language plpgsql
security definer
set search_path from current
as $$
begin
  if exists (select from ip_inventory) then
    perform count_ips(
      array_agg(n.source_ip), array_agg(n.session_count), array_agg(n.first_seen), array_agg(n.last_seen)
    )
    from
      (
        select
          s.source_ip,
          count(*) as session_count,
          min(s.first_event_at) as first_seen,
          max(s.last_event_at) as last_seen
        from new_rows as s
        where s.source_ip is not null
        group by s.source_ip
      ) as n
    having count(*) > 0;

    perform flag_reported(array_agg(s.session_id))
    from
      new_rows as s
      join ip_inventory as i on i.ip_address = s.source_ip
    where i.dshield_reports > 0
    having count(*) > 0;
  end if;
  return null;
end;
$$;

create or replace trigger tr_session_summaries_after_insert
after insert on session_summaries
referencing new table as new_rows
for each statement
execute function tg_session_summaries_after_insert();
