-- expected_event_columns: the generated columns of an event, worked out anew.
--
-- Reads:   raw_events: payload, canonical_ip and canonical_type, which are proved from the evidence
-- Differs: the functions of JSON; duration_ms reads duration_text, which is virtual.
--
-- The expressions are those of migration 0002, which keeps them in a stored column: an edit of the file, or a column that
-- was made a plain one for a while, changes what is stored and not this. A test compares the texts.
create view expected_event_columns as
  select
    e.event_id,
    coalesce(
      canonical_type,
      case json_type(payload, '$.eventid')
        when 'text' then payload ->> '$.eventid'
      end
    ) as event_type,
    coalesce(
      canonical_ip,
      case
        when json_type(payload, '$.src_ip') = 'text'
        and length(payload ->> '$.src_ip') <= 512 then payload ->> '$.src_ip'
      end
    ) as src_ip,
    case json_type(payload, '$.sensor')
      when 'text' then payload ->> '$.sensor'
    end as sensor,
    case json_type(payload, '$.protocol')
      when 'text' then payload ->> '$.protocol'
    end as protocol,
    case
      when json_type(payload, '$.username') = 'text'
      and length(payload ->> '$.username') <= 512 then payload ->> '$.username'
    end as username,
    case json_type(payload, '$.password')
      when 'text' then payload ->> '$.password'
    end as password,
    case json_type(payload, '$.input')
      when 'text' then payload ->> '$.input'
    end as input,
    case
      when json_type(payload, '$.shasum') = 'text'
      and length(payload ->> '$.shasum') <= 512 then payload ->> '$.shasum'
    end as shasum,
    case json_type(payload, '$.url')
      when 'text' then payload ->> '$.url'
    end as url,
    case
      when event_type in ('cowrie.client.kex', 'cowrie.client.fingerprint')
      and json_type(payload, '$.hassh') = 'text'
      and length(payload ->> '$.hassh') <= 512 then payload ->> '$.hassh'
    end as hassh,
    case
      when event_type = 'cowrie.client.version'
      and json_type(payload, '$.version') = 'text' then payload ->> '$.version'
    end as client_version,
    case
      when event_type != 'cowrie.session.closed' then null
      when json_type(payload, '$.duration_ms') in ('integer', 'real') then case
        when (payload -> '$.duration_ms') not glob '*[^0-9]*'
        and length(payload -> '$.duration_ms') <= 12
        and (
          payload ->> '$.duration_ms'
        ) <= 315360000000 then payload ->> '$.duration_ms'
        when (payload -> '$.duration_ms') glob '[0-9]*[eE]*'
        and (payload ->> '$.duration_ms') <= 315360000000
        and (payload ->> '$.duration_ms') = round(
          payload ->> '$.duration_ms'
        ) then cast(payload ->> '$.duration_ms' as integer)
      end
      when json_type(payload, '$.duration') in (
        'integer',
        'real',
        'text'
      ) then case
        when duration_text not glob '*[^0-9.]*'
        and duration_text glob '[0-9]*'
        and duration_text not glob '*.*.*'
        and duration_text not glob '*.'
        and cast(duration_text as real) <= 315360000 then (
          cast(duration_text as integer) * 10000 + case
            when duration_text glob '*.*' then cast(
              substr(
                substr(duration_text, instr(duration_text, '.') + 1) || '0000',
                1,
                4
              ) as integer
            )
            else 0
          end + 5
        ) / 10
        when json_type(payload, '$.duration') != 'text'
        and (payload -> '$.duration') glob '[0-9]*[eE]*'
        and (payload ->> '$.duration') <= 315360000 then cast(
          round((payload ->> '$.duration') * 1000) as integer
        )
      end
    end as duration_ms
  from raw_events as e;
