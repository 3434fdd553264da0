-- session_summaries_after_delete: takes sessions from the counts of their addresses.
--
-- Calls:   count_ips; recount_ips
-- Fails:   never
-- Differs: for each statement; sqlite for each row, and notes in ip_recounts what is to be counted again.
create or replace function tg_session_summaries_after_delete()
returns trigger
language plpgsql
security definer
set search_path from current
as $$
begin
  perform count_ips(array_agg(c.source_ip), array_agg(-c.session_count), array_agg(null::timestamptz), array_agg(null::timestamptz))
  from
    (
      select o.source_ip, count(*) as session_count
      from old_rows as o
      where o.source_ip is not null
      group by o.source_ip
    ) as c
  having count(*) > 0;

  perform recount_ips(array_agg(distinct o.source_ip))
  from old_rows as o
  where o.source_ip is not null
  having count(*) > 0;
  return null;
end;
$$;

create or replace trigger tr_session_summaries_after_delete
after delete on session_summaries
referencing old table as old_rows
for each statement
execute function tg_session_summaries_after_delete();
