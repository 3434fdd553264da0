-- snapshot_accuracy: how many snapshots are what some version of their address says, and how many are what was known at the first event.
--
-- Reads:   session_summaries; ip_versions
-- Needs:   ip_versions
-- Differs: from sqlite in nothing but the spelling.
--
-- known are the filled sessions whose version is still there, by address and enrichment_at; accurate those of them with its
-- facts; in_time those whose version is the newest one that is not after the first event, or that precede all versions.
create or replace view snapshot_accuracy as
  select
    count(*) as filled,
    count(v.ip_address) as known,
    coalesce(
      sum(
        case
          when v.ip_address is not null
          and not (s.snapshot_asn is distinct from v.current_asn)
          and not (s.snapshot_country is distinct from v.geo_country)
          and not (s.snapshot_ip_type is distinct from v.ip_type) then 1
          else 0
        end
      ),
      0
    ) as accurate,
    coalesce(
      sum(
        case
          when not exists (
            select 1
            from ip_versions as o
            where
              o.ip_address = s.source_ip
              and o.enriched_at <= s.first_event_at
              and (
                o.enriched_at > s.enrichment_at
                or s.enrichment_at > s.first_event_at
              )
          ) then 1
          else 0
        end
      ),
      0
    ) as in_time
  from
    session_summaries as s
    left join ip_versions as v
      on v.ip_address = s.source_ip and v.enriched_at = s.enrichment_at
  where s.snapshot_status = 'filled';
