-- event_contributions: what one event says about its session.
--
-- Reads:   raw_events; risk_rules; event_type_scores; command_scores, which remembers the score of a command line once it was found
-- Calls:   time_text, command_score, field_score
-- Needs:   event_type_scores
-- Differs: line_digest is here alone, for a cheaper key while a batch is folded.
--
-- The scores of event types are few, so they are two arrays that are read once a query: measured, joining them took a
-- twentieth more for a batch, and far more where each session is added up by itself. Of command_scores it is a join: while it
-- is small it is read as a whole, and a subquery then made the digest of one command for every row of it (measured on
-- 20,000 events: 4.3 µs an event, 1.2 with the join). A type that no rule of the kind names costs nothing more.
create or replace view event_contributions as
  select
    e.event_id,
    e.batch_id,
    e.session_id,
    e.occurred_at,
    e.line_digest,
    time_text(e.occurred_at) || encode(
      e.line_digest,
      'hex'
    ) collate "C" as event_key,
    e.event_type,
    e.event_type = 'cowrie.session.connect' as is_connect,
    e.event_type = 'cowrie.session.closed' as is_closed,
    e.event_type = 'cowrie.command.input' as is_command_input,
    e.event_type = 'cowrie.command.success' as is_command_success,
    e.event_type = 'cowrie.command.failed' as is_command_failure,
    e.event_type in (
      'cowrie.login.success',
      'cowrie.login.failed'
    ) as is_login_attempt,
    e.event_type = 'cowrie.login.success' as is_login_success,
    e.event_type = 'cowrie.session.file_download' as is_file_download,
    e.event_type = 'cowrie.session.file_upload' as is_file_upload,
    nullif(e.src_ip, '') as source_ip,
    nullif(e.sensor, '') as sensor,
    nullif(e.protocol, '') as protocol,
    nullif(e.client_version, '') as client_version,
    nullif(e.hassh, '') as hassh,
    case
      when e.event_type in (
        'cowrie.command.input',
        'cowrie.command.success',
        'cowrie.command.failed'
      ) then e.input
    end as command,
    case
      when e.event_type in (
        'cowrie.session.file_download',
        'cowrie.session.file_upload'
      )
      and e.shasum ~ '^[0-9a-f]{64}$' then e.shasum
    end as file_shasum,
    nullif(e.url, '') as file_url,
    case
      when e.event_type in (
        'cowrie.session.file_download',
        'cowrie.session.file_upload'
      ) then coalesce(
        case jsonb_typeof(e.payload -> 'filename')
          when 'string' then nullif(e.payload ->> 'filename', '')
        end,
        case jsonb_typeof(e.payload -> 'destfile')
          when 'string' then nullif(e.payload ->> 'destfile', '')
        end
      )
    end collate "C" as file_name,
    e.duration_ms as reported_duration_ms,
    strpos(e.flags, 'event_session') = 0 as has_session_field,
    coalesce(
      strpos(e.input, 'authorized_keys') > 0
      and (strpos(e.input, 'ssh-') > 0 or strpos(e.input, 'ecdsa-sha2-') > 0)
      and (strpos(e.input, '>') > 0 or strpos(e.input, 'tee ') > 0),
      false
    ) as writes_ssh_key,
    coalesce(
      s.risk_score,
      greatest(
        case
          when e.event_type = any (
            array(select t.event_type from event_type_scores as t)
          ) then (
            array(
              select t.score
              from event_type_scores as t
              order by t.event_type
            )
          )[
            array_position(
              array(
                select t.event_type
                from event_type_scores as t
                order by t.event_type
              ),
              e.event_type
            )
          ]
        end,
        case
          when e.input is not null
          and e.event_type = any (
            array(
              select q.event_type
              from risk_rules as q
              where q.field = 'input'
            )
          ) then command_score(e.event_type, e.input)
        end
      ),
      0
    ) as line_risk,
    coalesce(
      case
        when e.event_type = any (
          array(
            select q.event_type
            from risk_rules as q
            where q.field not in ('event_type', 'input')
          )
        ) then field_score(
          e.event_type,
          e.username,
          e.password,
          e.url,
          e.shasum,
          e.src_ip,
          e.hassh
        )
      end,
      0
    ) as field_risk
  from
    raw_events as e
    left join command_scores as s
      on s.command_digest = text_digest(e.input)
      and s.event_type = e.event_type;
