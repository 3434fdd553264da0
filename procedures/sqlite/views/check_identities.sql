-- check_identities: events whose session id is not the one that their payload names; rows are violations.
--
-- Reads:   raw_events
-- Differs: the functions of JSON.
--
-- The identifiers are those of session_identifiers, in their order; a test compares. A message is asked whether it names the
-- stored id: only that of a connect event may. Asked for some sessions it reads them alone.
create view check_identities as
  select i.event_id, i.session_id, i.expected
  from
    (
      select
        e.event_id,
        e.session_id,
        coalesce(
          case json_type(e.payload, '$.session')
            when 'text' then nullif(e.payload ->> '$.session', '')
          end,
          case json_type(e.payload, '$.session_id')
            when 'text' then nullif(e.payload ->> '$.session_id', '')
          end,
          case json_type(e.payload, '$.sessionid')
            when 'text' then nullif(e.payload ->> '$.sessionid', '')
          end,
          case json_type(e.payload, '$.sid')
            when 'text' then nullif(e.payload ->> '$.sid', '')
          end,
          case
            when e.event_type = 'cowrie.session.connect'
            and json_type(e.payload, '$.message') = 'text'
            and instr(
              e.payload ->> '$.message',
              '[session: ' || e.session_id || ']'
            ) > 0 then nullif(e.session_id, '')
          end,
          ''
        ) as expected
      from raw_events as e
    ) as i
  where i.expected != i.session_id;
