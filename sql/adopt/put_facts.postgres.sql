-- Takes in what the enrichments of sessions of another store say of the addresses that sessions came from; rows are those that
-- adopt/map_sessions gives. It holds since the enrichment, where its time is known, else since the session's last event.
--
-- Returns: many
-- Not null: ip_address

select t.ip_address
from
  (
    select
      a.key as ip_address,
      coalesce(r.enrichment_at, r.last_event_at) as enriched_at,
      a.value as enrichment
    from
      jsonb_to_recordset(cast(cast(:rows as text) as jsonb)) as r (
        enrichment text,
        enrichment_at timestamptz,
        last_event_at timestamptz
      )
      cross join lateral jsonb_each(
        case
          when jsonb_typeof(
            cast(r.enrichment as jsonb) -> 'session'
          ) = 'object' then cast(r.enrichment as jsonb) -> 'session'
        end
      ) as a (key, value)
    where
      jsonb_typeof(a.value) = 'object'
      and a.value != '{}'
      and coalesce(r.enrichment_at, r.last_event_at) is not null
      and exists (
        select 1
        from session_summaries as s
        where s.source_ip = a.key
      )
    order by a.key, coalesce(r.enrichment_at, r.last_event_at)
  ) as t
  cross join lateral put_ip(
    t.ip_address,
    t.enriched_at,
    null,
    null,
    null,
    null,
    null,
    t.enrichment
  ) as done;
