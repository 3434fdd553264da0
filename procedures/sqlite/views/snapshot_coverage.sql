-- snapshot_coverage: how many sessions have the snapshot that they can have, by day; the row without a day is the total.
--
-- Reads:   snapshot_days, settings
-- Needs:   snapshot_days
-- Differs: booleans are 0 or 1.
--
-- percent is taken of expected: sessions with an address that is not known to be private. An address that the inventory lacks
-- counts as missing. Nothing alerts before some session has a status: such a store never asked for snapshots.
create view snapshot_coverage as
  select
    c.day,
    c.sessions,
    c.filled,
    c.not_enriched,
    c.unknown_address,
    c.not_public,
    c.no_address,
    c.no_status,
    c.expected,
    case
      when c.expected > 0 then 100 * c.filled / c.expected
    end as percent,
    b.was_begun and 100 * c.filled < o.value * c.expected as is_alert
  from
    (
      select
        d.day,
        d.sessions,
        d.filled,
        d.not_enriched,
        d.unknown_address,
        d.not_public,
        d.no_address,
        d.no_status,
        d.sessions - d.not_public - d.no_address as expected
      from snapshot_days as d
      union all
      select
        null as day,
        coalesce(sum(d.sessions), 0) as sessions,
        coalesce(sum(d.filled), 0) as filled,
        coalesce(sum(d.not_enriched), 0) as not_enriched,
        coalesce(sum(d.unknown_address), 0) as unknown_address,
        coalesce(sum(d.not_public), 0) as not_public,
        coalesce(sum(d.no_address), 0) as no_address,
        coalesce(sum(d.no_status), 0) as no_status,
        coalesce(sum(d.sessions - d.not_public - d.no_address), 0) as expected
      from snapshot_days as d
    ) as c
    cross join (
      select
        exists (
          select 1
          from session_summaries as s
          where s.snapshot_status is not null
        ) as was_begun
    ) as b
    join settings as o on o.setting = 'snapshot_coverage_percent';
