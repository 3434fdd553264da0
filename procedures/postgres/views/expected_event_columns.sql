-- expected_event_columns: the generated columns of an event, worked out anew.
--
-- Reads:   raw_events: payload, canonical_ip and canonical_type, which are proved from the evidence
-- Differs: the functions of JSONB.
--
-- The expressions are those of migration 0002, which keeps them in a stored column: an edit of the file, or a column that
-- was made a plain one for a while, changes what is stored and not this. A test compares the texts.
create or replace view expected_event_columns as
  select
    e.event_id,
    coalesce(
      canonical_type,
      case jsonb_typeof(payload -> 'eventid')
        when 'string' then payload ->> 'eventid'
      end
    ) as event_type,
    coalesce(
      canonical_ip,
      case
        when jsonb_typeof(payload -> 'src_ip') = 'string'
        and length(payload ->> 'src_ip') <= 512 then payload ->> 'src_ip'
      end
    ) as src_ip,
    case jsonb_typeof(payload -> 'sensor')
      when 'string' then payload ->> 'sensor'
    end as sensor,
    case jsonb_typeof(payload -> 'protocol')
      when 'string' then payload ->> 'protocol'
    end as protocol,
    case
      when jsonb_typeof(payload -> 'username') = 'string'
      and length(payload ->> 'username') <= 512 then payload ->> 'username'
    end as username,
    case jsonb_typeof(payload -> 'password')
      when 'string' then payload ->> 'password'
    end as password,
    case jsonb_typeof(payload -> 'input')
      when 'string' then payload ->> 'input'
    end as input,
    case
      when jsonb_typeof(payload -> 'shasum') = 'string'
      and length(payload ->> 'shasum') <= 512 then payload ->> 'shasum'
    end as shasum,
    case jsonb_typeof(payload -> 'url')
      when 'string' then payload ->> 'url'
    end as url,
    case
      when coalesce(canonical_type, payload ->> 'eventid') in (
        'cowrie.client.kex',
        'cowrie.client.fingerprint'
      )
      and jsonb_typeof(payload -> 'hassh') = 'string'
      and length(payload ->> 'hassh') <= 512 then payload ->> 'hassh'
    end as hassh,
    case
      when coalesce(canonical_type, payload ->> 'eventid') = 'cowrie.client.version'
      and jsonb_typeof(payload -> 'version') = 'string' then payload ->> 'version'
    end as client_version,
    case
      when coalesce(canonical_type, payload ->> 'eventid') != 'cowrie.session.closed'
      then null
      when jsonb_typeof(payload -> 'duration_ms') = 'number' then nullif(
        least(
          substring(payload ->> 'duration_ms' from '^[0-9]{1,12}$')::bigint,
          315360000001
        ),
        315360000001
      )
      when jsonb_typeof(payload -> 'duration') in ('number', 'string') then (
        round(
          nullif(
            least(
              coalesce(
                substring(payload ->> 'duration' from '^[0-9]{1,9}[.][0-9]{1,9}$'),
                substring(
                  payload ->> 'duration'
                  from '^0*([0-9]{1,9}(?:[.][0-9]{1,9}|$))[0-9]*$'
                )
              )::numeric,
              315360000.00000003
            ),
            315360000.00000003
          ),
          3
        )
        * 1000
      )::bigint
    end as duration_ms
  from raw_events as e;
