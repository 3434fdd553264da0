-- What rows of the old system's session_summaries say, in our words; rows is a JSON array of them, with times as stored here and an
-- enrichment that is an object. XX and the other codes of no country are unknown, as NULL is; the kind of address stands in
-- snapshot_ip_type or snapshot_ip_types, as a word or as a list in brackets, and means what ip_type_rules say. A column that is not
-- there says nothing.
--
-- Returns: many
-- Not null: session_id, event_count, command_count, login_attempts, file_downloads, vt_flagged, dshield_flagged

select
  r ->> 'session_id' as session_id,
  r ->> 'source_ip' as source_ip,
  r ->> 'first_event_at' as first_event_at,
  r ->> 'last_event_at' as last_event_at,
  coalesce(cast(r ->> 'event_count' as bigint), 0) as event_count,
  coalesce(cast(r ->> 'command_count' as bigint), 0) as command_count,
  coalesce(cast(r ->> 'login_attempts' as bigint), 0) as login_attempts,
  coalesce(cast(r ->> 'file_downloads' as bigint), 0) as file_downloads,
  cast(r ->> 'ssh_key_injections' as bigint) as ssh_key_injections,
  cast(r ->> 'risk_score' as bigint) as risk_score,
  case
    when lower(r ->> 'vt_flagged') in ('1', 'true', 't') then 1
    else 0
  end as vt_flagged,
  case
    when lower(r ->> 'dshield_flagged') in ('1', 'true', 't') then 1
    else 0
  end as dshield_flagged,
  case
    when cast(
      r ->> 'snapshot_asn' as bigint
    ) between 1 and 4294967295 then cast(r ->> 'snapshot_asn' as bigint)
  end as snapshot_asn,
  case
    when upper(r ->> 'snapshot_country') similar to '[A-Z][A-Z]'
    and upper(r ->> 'snapshot_country') not in (
      'XX',
      'ZZ',
      'EU',
      'AP'
    ) then upper(r ->> 'snapshot_country')
  end as snapshot_country,
  (
    select k.ip_type
    from ip_type_rules as k
    where
      k.field = 'label'
      and strpos(
        ',' || lower(
          translate(
            replace(
              coalesce(r ->> 'snapshot_ip_type', r ->> 'snapshot_ip_types'),
              ', ',
              ','
            ),
            '"{}[]',
            ''
          )
        ) || ',',
        ',' || k.pattern || ','
      ) > 0
    order by k.priority, k.ip_type
    limit 1
  ) as snapshot_ip_type,
  case
    when jsonb_typeof(r -> 'enrichment') = 'object'
    and r -> 'enrichment' != '{}' then r ->> 'enrichment'
  end as enrichment,
  r ->> 'enrichment_at' as enrichment_at
from jsonb_array_elements(cast(cast(:rows as text) as jsonb)) as r;
