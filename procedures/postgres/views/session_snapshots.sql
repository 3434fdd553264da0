-- session_snapshots: the snapshot that each session with an address has, or would get now.
--
-- Reads:   session_summaries; ip_inventory, ip_inventory_history, reserved_prefixes
-- Differs: summary_id is a column; a regular expression stands for GLOB.
--
-- Of the versions of an address the one counts that was known at the first event; where none was, the one that is known now.
-- stored_status and stored_job_id are what the session has. is_due: it has nothing, and would get another status than the one
-- that says so. Few addresses begin with a number that a reserved network begins with: the others are asked one thing alone.
create or replace view session_snapshots as
  select
    t.summary_id,
    t.session_id,
    t.first_event_at,
    t.source_ip,
    t.stored_status,
    t.stored_job_id,
    case
      when i.enriched_at is not null then 'filled'
      when i.ip_address is not null then 'not_enriched'
      when t.is_reserved then 'not_public'
      else 'unknown_address'
    end as snapshot_status,
    case
      when h.ip_address is null then i.current_asn
      else h.current_asn
    end as snapshot_asn,
    case
      when h.ip_address is null then i.geo_country
      else h.geo_country
    end as snapshot_country,
    case
      when h.ip_address is null then i.ip_type
      else h.ip_type
    end as snapshot_ip_type,
    case
      when h.ip_address is null then i.enrichment
      else h.enrichment
    end as enrichment,
    case
      when h.ip_address is null then i.enriched_at
      else h.enriched_at
    end as enrichment_at,
    t.is_empty
    and coalesce(t.stored_status, 'unknown_address') in (
      'unknown_address',
      'not_enriched'
    )
    and coalesce(t.stored_status, '') != case
      when i.enriched_at is not null then 'filled'
      when i.ip_address is not null then 'not_enriched'
      when t.is_reserved then 'not_public'
      else 'unknown_address'
    end as is_due
  from
    (
      select
        s.summary_id as summary_id,
        s.session_id,
        s.first_event_at,
        s.source_ip,
        s.snapshot_status as stored_status,
        s.snapshot_job_id as stored_job_id,
        s.snapshot_asn is null
        and s.snapshot_country is null
        and s.snapshot_ip_type is null
        and s.enrichment is null
        and s.enrichment_at is null as is_empty,
        case
          when strpos(
            s.source_ip,
            ':'
          ) > 0 then s.source_ip !~ '^[23][0-9a-f]{3}:'
          or split_part(s.source_ip, ':', 1) || ':' in (
            select r.prefix from reserved_prefixes as r
          )
          or split_part(s.source_ip, ':', 1) || ':' || split_part(
            s.source_ip,
            ':',
            2
          ) || ':' in (select r.prefix from reserved_prefixes as r)
          when split_part(s.source_ip, '.', 1) in (
            select split_part(r.prefix, '.', 1) from reserved_prefixes as r
          ) then rtrim(s.source_ip, '0123456789') in (
            select r.prefix from reserved_prefixes as r
          )
          or rtrim(
            rtrim(rtrim(s.source_ip, '0123456789'), '.'),
            '0123456789'
          ) in (select r.prefix from reserved_prefixes as r)
          or split_part(s.source_ip, '.', 1) || '.' in (
            select r.prefix from reserved_prefixes as r
          )
          else false
        end as is_reserved
      from session_summaries as s
      where s.source_ip is not null
    ) as t
    left join ip_inventory as i
      on i.ip_address = t.source_ip and not t.is_reserved
    left join ip_inventory_history as h
      on h.ip_address = i.ip_address
      and h.enriched_at = case
        when i.enriched_at > t.first_event_at then (
          select max(o.enriched_at)
          from ip_inventory_history as o
          where
            o.ip_address = i.ip_address
            and o.enriched_at <= t.first_event_at
        )
      end;
