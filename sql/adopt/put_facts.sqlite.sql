-- Takes in what the enrichments of sessions of another store say of the addresses that sessions came from; rows are those that
-- adopt/map_sessions gives. It holds since the enrichment, where its time is known, else since the session's last event.
--
-- Returns: many
-- Not null: ip_address

insert into put_ip (ip_address, enriched_at, enrichment)
select t.ip_address, t.enriched_at, t.enrichment
from
  (
    select
      a.key as ip_address,
      coalesce(
        r.value ->> '$.enrichment_at',
        r.value ->> '$.last_event_at'
      ) as enriched_at,
      a.value as enrichment
    from
      json_each(:rows) as r
      join json_each(r.value ->> '$.enrichment', '$.session') as a
    where a.type = 'object' and a.value != '{}'
  ) as t
where
  t.enriched_at is not null
  and exists (
    select 1
    from session_summaries as s
    where s.source_ip = t.ip_address
  )
order by t.ip_address, t.enriched_at
returning ip_address;
