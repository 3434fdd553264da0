-- How many sessions of a page of another store's differ here, by class: what it has and this store lacks (missing_here), what this
-- store has between the two ids and it lacks (missing_there), and each value that both have and that is not the same; with the sums
-- of both where it is a number. rows are those that adopt/map_sessions gives; a value that is NULL there says nothing.
--
-- Returns: many
-- Not null: class, session_count, first_session

with
  pairs as materialized (
    select
      r.session_id,
      case
        when s.session_id is not null then 1
        else 0
      end as is_here,
      cast(s.event_count as bigint) as our_event_count,
      r.event_count as their_event_count,
      cast(s.command_count as bigint) as our_command_count,
      r.command_count as their_command_count,
      cast(s.login_attempts as bigint) as our_login_attempts,
      r.login_attempts as their_login_attempts,
      cast(s.file_downloads as bigint) as our_file_downloads,
      r.file_downloads as their_file_downloads,
      cast(s.ssh_key_injections as bigint) as our_ssh_key_injections,
      r.ssh_key_injections as their_ssh_key_injections,
      cast(s.risk_score as bigint) as our_risk_score,
      r.risk_score as their_risk_score,
      cast(cast(s.vt_flagged as integer) as bigint) as our_vt_flagged,
      r.vt_flagged as their_vt_flagged,
      cast(cast(s.dshield_flagged as integer) as bigint) as our_dshield_flagged,
      r.dshield_flagged as their_dshield_flagged,
      time_text(s.first_event_at) as our_first_event_at,
      r.first_event_at as their_first_event_at,
      time_text(s.last_event_at) as our_last_event_at,
      r.last_event_at as their_last_event_at,
      s.source_ip as our_source_ip,
      r.source_ip as their_source_ip,
      cast(s.snapshot_asn as bigint) as our_snapshot_asn,
      r.snapshot_asn as their_snapshot_asn,
      s.snapshot_country as our_snapshot_country,
      r.snapshot_country as their_snapshot_country,
      s.snapshot_ip_type as our_snapshot_ip_type,
      r.snapshot_ip_type as their_snapshot_ip_type,
      case
        when s.enrichment is not null then 1
        else 0
      end as our_enrichment,
      case
        when r.enrichment is not null then 1
        else 0
      end as their_enrichment
    from
      jsonb_to_recordset(cast(cast(:rows as text) as jsonb)) as r (
        session_id text,
        event_count bigint,
        command_count bigint,
        login_attempts bigint,
        file_downloads bigint,
        ssh_key_injections bigint,
        risk_score bigint,
        vt_flagged bigint,
        dshield_flagged bigint,
        first_event_at text,
        last_event_at text,
        source_ip text,
        snapshot_asn bigint,
        snapshot_country text,
        snapshot_ip_type text,
        enrichment text
      )
      left join session_summaries as s on s.session_id = r.session_id
  ),
  found(class, session_id, ours, theirs) as (
    select
      'missing_here',
      p.session_id,
      cast(null as bigint),
      cast(null as bigint)
    from pairs as p
    where p.is_here = 0
    union all
    select
      'missing_there',
      s.session_id,
      cast(null as bigint),
      cast(null as bigint)
    from session_summaries as s
    where
      s.session_id > cast(:after_session as text)
      and (
        cast(:up_to_session as text) is null
        or s.session_id <= cast(:up_to_session as text)
      )
      and not exists (
        select 1 from pairs as p where p.session_id = s.session_id
      )
    union all
    select 'event_count', p.session_id, p.our_event_count, p.their_event_count
    from pairs as p
    where
      p.is_here = 1
      and p.our_event_count is distinct from p.their_event_count
    union all
    select
      'command_count',
      p.session_id,
      p.our_command_count,
      p.their_command_count
    from pairs as p
    where
      p.is_here = 1
      and p.our_command_count is distinct from p.their_command_count
    union all
    select
      'login_attempts',
      p.session_id,
      p.our_login_attempts,
      p.their_login_attempts
    from pairs as p
    where
      p.is_here = 1
      and p.our_login_attempts is distinct from p.their_login_attempts
    union all
    select
      'file_downloads',
      p.session_id,
      p.our_file_downloads,
      p.their_file_downloads
    from pairs as p
    where
      p.is_here = 1
      and p.our_file_downloads is distinct from p.their_file_downloads
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
      and p.our_ssh_key_injections is distinct from p.their_ssh_key_injections
    union all
    select 'risk_score', p.session_id, p.our_risk_score, p.their_risk_score
    from pairs as p
    where
      p.is_here = 1
      and p.their_risk_score is not null
      and p.our_risk_score is distinct from p.their_risk_score
    union all
    select 'vt_flagged', p.session_id, p.our_vt_flagged, p.their_vt_flagged
    from pairs as p
    where p.is_here = 1 and p.our_vt_flagged is distinct from p.their_vt_flagged
    union all
    select
      'dshield_flagged',
      p.session_id,
      p.our_dshield_flagged,
      p.their_dshield_flagged
    from pairs as p
    where
      p.is_here = 1
      and p.our_dshield_flagged is distinct from p.their_dshield_flagged
    union all
    select
      'first_event_at',
      p.session_id,
      cast(null as bigint),
      cast(null as bigint)
    from pairs as p
    where
      p.is_here = 1
      and p.their_first_event_at is not null
      and p.our_first_event_at is distinct from p.their_first_event_at
    union all
    select
      'last_event_at',
      p.session_id,
      cast(null as bigint),
      cast(null as bigint)
    from pairs as p
    where
      p.is_here = 1
      and p.their_last_event_at is not null
      and p.our_last_event_at is distinct from p.their_last_event_at
    union all
    select 'source_ip', p.session_id, cast(null as bigint), cast(null as bigint)
    from pairs as p
    where
      p.is_here = 1
      and p.their_source_ip is not null
      and p.our_source_ip is distinct from p.their_source_ip
    union all
    select
      'snapshot_asn',
      p.session_id,
      cast(null as bigint),
      cast(null as bigint)
    from pairs as p
    where
      p.is_here = 1
      and p.their_snapshot_asn is not null
      and p.our_snapshot_asn is distinct from p.their_snapshot_asn
    union all
    select
      'snapshot_country',
      p.session_id,
      cast(null as bigint),
      cast(null as bigint)
    from pairs as p
    where
      p.is_here = 1
      and p.their_snapshot_country is not null
      and p.our_snapshot_country is distinct from p.their_snapshot_country
    union all
    select
      'snapshot_ip_type',
      p.session_id,
      cast(null as bigint),
      cast(null as bigint)
    from pairs as p
    where
      p.is_here = 1
      and p.their_snapshot_ip_type is not null
      and p.our_snapshot_ip_type is distinct from p.their_snapshot_ip_type
    union all
    select
      'enrichment',
      p.session_id,
      cast(null as bigint),
      cast(null as bigint)
    from pairs as p
    where p.is_here = 1 and p.their_enrichment = 1 and p.our_enrichment = 0
  )
select
  f.class,
  count(*) as session_count,
  cast(sum(f.ours) as bigint) as ours,
  cast(sum(f.theirs) as bigint) as theirs,
  min(f.session_id collate "C") as first_session
from found as f
group by f.class
order by f.class;
