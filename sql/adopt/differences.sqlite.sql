-- How many sessions of a page of another store's differ here, by class: what it has and this store lacks (missing_here), what this
-- store has between the two ids and it lacks (missing_there), and each value that both have and that is not the same; with the sums
-- of both where it is a number. rows are those that adopt/map_sessions gives; a value that is NULL there says nothing.
--
-- Returns: many
-- Not null: class, session_count, first_session

with
  pairs as materialized (
    select
      r.value ->> '$.session_id' as session_id,
      s.session_id is not null as is_here,
      s.event_count as our_event_count,
      r.value ->> '$.event_count' as their_event_count,
      s.command_count as our_command_count,
      r.value ->> '$.command_count' as their_command_count,
      s.login_attempts as our_login_attempts,
      r.value ->> '$.login_attempts' as their_login_attempts,
      s.file_downloads as our_file_downloads,
      r.value ->> '$.file_downloads' as their_file_downloads,
      s.ssh_key_injections as our_ssh_key_injections,
      r.value ->> '$.ssh_key_injections' as their_ssh_key_injections,
      s.risk_score as our_risk_score,
      r.value ->> '$.risk_score' as their_risk_score,
      s.vt_flagged as our_vt_flagged,
      r.value ->> '$.vt_flagged' as their_vt_flagged,
      s.dshield_flagged as our_dshield_flagged,
      r.value ->> '$.dshield_flagged' as their_dshield_flagged,
      s.first_event_at as our_first_event_at,
      r.value ->> '$.first_event_at' as their_first_event_at,
      s.last_event_at as our_last_event_at,
      r.value ->> '$.last_event_at' as their_last_event_at,
      s.source_ip as our_source_ip,
      r.value ->> '$.source_ip' as their_source_ip,
      s.snapshot_asn as our_snapshot_asn,
      r.value ->> '$.snapshot_asn' as their_snapshot_asn,
      s.snapshot_country as our_snapshot_country,
      r.value ->> '$.snapshot_country' as their_snapshot_country,
      s.snapshot_ip_type as our_snapshot_ip_type,
      r.value ->> '$.snapshot_ip_type' as their_snapshot_ip_type,
      s.enrichment is not null as our_enrichment,
      r.value ->> '$.enrichment' is not null as their_enrichment
    from
      json_each(:rows) as r
      left join session_summaries as s
        on s.session_id = r.value ->> '$.session_id'
  ),
  found(class, session_id, ours, theirs) as (
    select 'missing_here', p.session_id, null, null
    from pairs as p
    where p.is_here = 0
    union all
    select 'missing_there', s.session_id, null, null
    from session_summaries as s
    where
      s.session_id > :after_session
      and (
        cast(:up_to_session as text) is null
        or s.session_id <= :up_to_session
      )
      and s.session_id not in (select p.session_id from pairs as p)
    union all
    select 'event_count', p.session_id, p.our_event_count, p.their_event_count
    from pairs as p
    where p.is_here = 1 and p.our_event_count is not p.their_event_count
    union all
    select
      'command_count',
      p.session_id,
      p.our_command_count,
      p.their_command_count
    from pairs as p
    where p.is_here = 1 and p.our_command_count is not p.their_command_count
    union all
    select
      'login_attempts',
      p.session_id,
      p.our_login_attempts,
      p.their_login_attempts
    from pairs as p
    where p.is_here = 1 and p.our_login_attempts is not p.their_login_attempts
    union all
    select
      'file_downloads',
      p.session_id,
      p.our_file_downloads,
      p.their_file_downloads
    from pairs as p
    where p.is_here = 1 and p.our_file_downloads is not p.their_file_downloads
    union all
    select
      'ssh_key_injections',
      p.session_id,
      p.our_ssh_key_injections,
      p.their_ssh_key_injections
    from pairs as p
    where
      p.is_here = 1
      and p.their_ssh_key_injections is not null
      and p.our_ssh_key_injections is not p.their_ssh_key_injections
    union all
    select 'risk_score', p.session_id, p.our_risk_score, p.their_risk_score
    from pairs as p
    where
      p.is_here = 1
      and p.their_risk_score is not null
      and p.our_risk_score is not p.their_risk_score
    union all
    select 'vt_flagged', p.session_id, p.our_vt_flagged, p.their_vt_flagged
    from pairs as p
    where p.is_here = 1 and p.our_vt_flagged is not p.their_vt_flagged
    union all
    select
      'dshield_flagged',
      p.session_id,
      p.our_dshield_flagged,
      p.their_dshield_flagged
    from pairs as p
    where p.is_here = 1 and p.our_dshield_flagged is not p.their_dshield_flagged
    union all
    select
      'first_event_at',
      p.session_id,
      cast(null as integer),
      cast(null as integer)
    from pairs as p
    where
      p.is_here = 1
      and p.their_first_event_at is not null
      and p.our_first_event_at is not p.their_first_event_at
    union all
    select
      'last_event_at',
      p.session_id,
      cast(null as integer),
      cast(null as integer)
    from pairs as p
    where
      p.is_here = 1
      and p.their_last_event_at is not null
      and p.our_last_event_at is not p.their_last_event_at
    union all
    select
      'source_ip',
      p.session_id,
      cast(null as integer),
      cast(null as integer)
    from pairs as p
    where
      p.is_here = 1
      and p.their_source_ip is not null
      and p.our_source_ip is not p.their_source_ip
    union all
    select
      'snapshot_asn',
      p.session_id,
      cast(null as integer),
      cast(null as integer)
    from pairs as p
    where
      p.is_here = 1
      and p.their_snapshot_asn is not null
      and p.our_snapshot_asn is not p.their_snapshot_asn
    union all
    select
      'snapshot_country',
      p.session_id,
      cast(null as integer),
      cast(null as integer)
    from pairs as p
    where
      p.is_here = 1
      and p.their_snapshot_country is not null
      and p.our_snapshot_country is not p.their_snapshot_country
    union all
    select
      'snapshot_ip_type',
      p.session_id,
      cast(null as integer),
      cast(null as integer)
    from pairs as p
    where
      p.is_here = 1
      and p.their_snapshot_ip_type is not null
      and p.our_snapshot_ip_type is not p.their_snapshot_ip_type
    union all
    select
      'enrichment',
      p.session_id,
      cast(null as integer),
      cast(null as integer)
    from pairs as p
    where p.is_here = 1 and p.their_enrichment = 1 and p.our_enrichment = 0
  )
select
  f.class,
  count(*) as session_count,
  sum(f.ours) as ours,
  sum(f.theirs) as theirs,
  min(f.session_id) as first_session
from found as f
group by f.class
order by f.class;
