-- session_summaries_after_update: counts sessions with their addresses as they are now, and flags them where the address has reports.
--
-- Calls:   count_ips; recount_ips; flag_reported
-- Fails:   never
-- Differs: for each statement; sqlite for each row, and notes in ip_recounts what is to be counted again.
create or replace function tg_session_summaries_after_update()
returns trigger
language plpgsql
security definer
set search_path from current
as $$
declare
  v_left text [];
begin
  if not exists (select from ip_inventory) then
    return null;
  end if;

  select array_agg(distinct o.source_ip) into v_left
  from
    old_rows as o
    join new_rows as n on n.summary_id = o.summary_id
  where
    n.source_ip is distinct from o.source_ip
    or n.first_event_at > o.first_event_at
    or n.last_event_at < o.last_event_at;

  perform count_ips(
    array_agg(c.source_ip), array_agg(c.session_count), array_agg(c.first_seen), array_agg(c.last_seen)
  )
  from
    (
      select
        m.source_ip,
        sum(m.comes)::bigint as session_count,
        min(m.first_seen) as first_seen,
        max(m.last_seen) as last_seen
      from
        (
          select
            n.source_ip,
            case when n.source_ip is distinct from o.source_ip then 1 else 0 end as comes,
            n.first_event_at as first_seen,
            n.last_event_at as last_seen
          from
            old_rows as o
            join new_rows as n on n.summary_id = o.summary_id
          where
            (n.source_ip, n.first_event_at, n.last_event_at)
            is distinct from (o.source_ip, o.first_event_at, o.last_event_at)
          union all
          select o.source_ip, -1, null, null
          from
            old_rows as o
            join new_rows as n on n.summary_id = o.summary_id
          where n.source_ip is distinct from o.source_ip
        ) as m
      where m.source_ip is not null
      group by m.source_ip
    ) as c
  having count(*) > 0;

  if v_left is not null then
    perform recount_ips(v_left);
  end if;

  perform flag_reported(array_agg(n.session_id))
  from
    old_rows as o
    join new_rows as n on n.summary_id = o.summary_id
  where n.source_ip is distinct from o.source_ip
  having count(*) > 0;
  return null;
end;
$$;

create or replace trigger tr_session_summaries_after_update
after update on session_summaries
referencing old table as old_rows new table as new_rows
for each statement
execute function tg_session_summaries_after_update();
