-- campaign_clusters: sessions of different addresses of one network that share a fingerprint, a file or all of their commands, each begun within a gap after the one before.
--
-- Reads:   campaign_traits; settings, campaign_gap_minutes; of one network number by ix_session_summaries_snapshot_asn
-- Needs:   campaign_traits
-- Differs: from the other dialect in how seconds are counted.
--
-- Answers whether what comes from many addresses of a network is one hand. A network is a number (asn, of the snapshot) or a
-- prefix (/24); a cluster may be there under both. A gap is counted in whole seconds from the begin of one session to that of
-- the next. A fingerprint that half the world has makes long clusters: a file, or a set of commands, says more.
create view campaign_clusters as
  select
    'asn' as network_kind,
    r.snapshot_asn as snapshot_asn,
    null as prefix,
    r.trait_kind,
    r.trait,
    count(*) as sessions,
    count(distinct r.source_ip) as addresses,
    min(r.first_event_at) as first_event_at,
    max(r.first_event_at) as last_began_at
  from
    (
      select
        w.*,
        sum(w.is_start) over (
          partition by w.snapshot_asn, w.trait_kind, w.trait
          order by w.first_event_at, w.session_id
        ) as run
      from
        (
          select
            m.session_id,
            m.source_ip,
            m.snapshot_asn,
            m.first_event_at,
            m.trait_kind,
            m.trait,
            case
              when cast(
                strftime('%s', substr(m.first_event_at, 1, 19)) as integer
              ) - cast(
                strftime(
                  '%s',
                  substr(
                    lag(m.first_event_at) over (
                      partition by m.snapshot_asn, m.trait_kind, m.trait
                      order by m.first_event_at, m.session_id
                    ),
                    1,
                    19
                  )
                ) as integer
              ) <= 60 * g.value then 0
              else 1
            end as is_start
          from
            campaign_traits as m
            cross join settings as g
          where
            g.setting = 'campaign_gap_minutes'
            and m.snapshot_asn is not null
            and m.trait is not null
        ) as w
    ) as r
  group by r.snapshot_asn, r.trait_kind, r.trait, r.run
  having count(distinct r.source_ip) > 1
  union all
  select
    'prefix' as network_kind,
    null as snapshot_asn,
    r.prefix as prefix,
    r.trait_kind,
    r.trait,
    count(*) as sessions,
    count(distinct r.source_ip) as addresses,
    min(r.first_event_at) as first_event_at,
    max(r.first_event_at) as last_began_at
  from
    (
      select
        w.*,
        sum(w.is_start) over (
          partition by w.prefix, w.trait_kind, w.trait
          order by w.first_event_at, w.session_id
        ) as run
      from
        (
          select
            m.session_id,
            m.source_ip,
            m.prefix,
            m.first_event_at,
            m.trait_kind,
            m.trait,
            case
              when cast(
                strftime('%s', substr(m.first_event_at, 1, 19)) as integer
              ) - cast(
                strftime(
                  '%s',
                  substr(
                    lag(m.first_event_at) over (
                      partition by m.prefix, m.trait_kind, m.trait
                      order by m.first_event_at, m.session_id
                    ),
                    1,
                    19
                  )
                ) as integer
              ) <= 60 * g.value then 0
              else 1
            end as is_start
          from
            campaign_traits as m
            cross join settings as g
          where
            g.setting = 'campaign_gap_minutes'
            and m.prefix is not null
            and m.trait is not null
        ) as w
    ) as r
  group by r.prefix, r.trait_kind, r.trait, r.run
  having count(distinct r.source_ip) > 1;
