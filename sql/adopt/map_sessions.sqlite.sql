-- What rows of the old system's session_summaries say, in our words; rows is a JSON array of them, with times as stored here and an
-- enrichment that is an object. XX and the other codes of no country are unknown, as NULL is; the kind of address stands in
-- snapshot_ip_type or snapshot_ip_types, as a word or as a list in brackets, and means what ip_type_rules say. A column that is not
-- there says nothing.
--
-- Returns: many
-- Not null: session_id, event_count, command_count, login_attempts, file_downloads, vt_flagged, dshield_flagged

select
  r.value ->> '$.session_id' as session_id,
  r.value ->> '$.source_ip' as source_ip,
  r.value ->> '$.first_event_at' as first_event_at,
  r.value ->> '$.last_event_at' as last_event_at,
  coalesce(cast(r.value ->> '$.event_count' as integer), 0) as event_count,
  coalesce(cast(r.value ->> '$.command_count' as integer), 0) as command_count,
  coalesce(
    cast(r.value ->> '$.login_attempts' as integer),
    0
  ) as login_attempts,
  coalesce(
    cast(r.value ->> '$.file_downloads' as integer),
    0
  ) as file_downloads,
  cast(r.value ->> '$.ssh_key_injections' as integer) as ssh_key_injections,
  cast(r.value ->> '$.risk_score' as integer) as risk_score,
  coalesce(
    lower(r.value ->> '$.vt_flagged') in ('1', 'true', 't'),
    0
  ) as vt_flagged,
  coalesce(
    lower(r.value ->> '$.dshield_flagged') in ('1', 'true', 't'),
    0
  ) as dshield_flagged,
  case
    when cast(
      r.value ->> '$.snapshot_asn' as integer
    ) between 1 and 4294967295 then cast(
      r.value ->> '$.snapshot_asn' as integer
    )
  end as snapshot_asn,
  case
    when upper(r.value ->> '$.snapshot_country') glob '[A-Z][A-Z]'
    and upper(r.value ->> '$.snapshot_country') not in (
      'XX',
      'ZZ',
      'EU',
      'AP'
    ) then upper(r.value ->> '$.snapshot_country')
  end as snapshot_country,
  (
    select k.ip_type
    from ip_type_rules as k
    where
      k.field = 'label'
      and instr(
        ',' || lower(
          replace(
            replace(
              replace(
                replace(
                  replace(
                    replace(
                      coalesce(
                        r.value ->> '$.snapshot_ip_type',
                        r.value ->> '$.snapshot_ip_types'
                      ),
                      '"',
                      ''
                    ),
                    ', ',
                    ','
                  ),
                  '{',
                  ''
                ),
                '}',
                ''
              ),
              '[',
              ''
            ),
            ']',
            ''
          )
        ) || ',',
        ',' || k.pattern || ','
      ) > 0
    order by k.priority, k.ip_type
    limit 1
  ) as snapshot_ip_type,
  case
    when json_type(r.value, '$.enrichment') = 'object'
    and r.value -> '$.enrichment' != '{}' then r.value -> '$.enrichment'
  end as enrichment,
  r.value ->> '$.enrichment_at' as enrichment_at
from json_each(:rows) as r;
