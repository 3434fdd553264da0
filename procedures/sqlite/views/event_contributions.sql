-- event_contributions: what one event says about its session.
--
-- Reads:   raw_events; risk_rules; command_scores, which remembers the score of a command line once it was found
-- Differs: booleans are 0 or 1; an AND asks both its sides here, so a command is asked for a key by CASE.
create view event_contributions as
  select
    e.event_id,
    e.batch_id,
    e.session_id,
    e.occurred_at,
    e.occurred_at || lower(hex(e.line_digest)) as event_key,
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
    case
      when e.src_ip != '' then e.src_ip
    end as source_ip,
    case
      when e.sensor != '' then e.sensor
    end as sensor,
    case
      when e.protocol != '' then e.protocol
    end as protocol,
    case
      when e.client_version != '' then e.client_version
    end as client_version,
    case
      when e.hassh != '' then e.hassh
    end as hassh,
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
      and length(e.shasum) = 64
      and e.shasum not glob '*[^0-9a-f]*' then e.shasum
    end as file_shasum,
    case
      when e.url != '' then e.url
    end as file_url,
    case
      when e.event_type in (
        'cowrie.session.file_download',
        'cowrie.session.file_upload'
      ) then coalesce(
        case json_type(e.payload, '$.filename')
          when 'text' then nullif(e.payload ->> '$.filename', '')
        end,
        case json_type(e.payload, '$.destfile')
          when 'text' then nullif(e.payload ->> '$.destfile', '')
        end
      )
    end as file_name,
    e.duration_ms as reported_duration_ms,
    case e.flags
      when '' then 1
      else instr(e.flags, 'event_session') = 0
    end as has_session_field,
    case
      when instr(e.input, 'authorized_keys') > 0 then (
        instr(e.input, 'ssh-') > 0
        or instr(e.input, 'ecdsa-sha2-') > 0
      )
      and (instr(e.input, '>') > 0 or instr(e.input, 'tee ') > 0)
      else 0
    end as writes_ssh_key,
    case
      when e.event_type in (
        select k.event_type
        from risk_rules as k
        where k.field in ('event_type', 'input')
      ) then coalesce(
        (
          select s.risk_score
          from command_scores as s
          where s.command = e.input and s.event_type = e.event_type
        ),
        case
          when e.input is null then coalesce(
            (
              select max(t.score)
              from risk_rules as t
              where
                t.event_type = e.event_type
                and t.field = 'event_type'
                and case t.match
                  when 'equals' then lower(e.event_type) = t.pattern
                  when 'prefix' then substr(
                    lower(e.event_type),
                    1,
                    length(t.pattern)
                  ) = t.pattern
                  else instr(lower(e.event_type), t.pattern) > 0
                end
            ),
            0
          )
        end,
        (
          select max(r.score)
          from
            (
              select
                q.score,
                q.match,
                q.pattern,
                lower(
                  case q.field
                    when 'event_type' then e.event_type
                    when 'input' then e.input
                  end
                ) as value
              from risk_rules as q
              where
                q.event_type = e.event_type
                and q.field in ('event_type', 'input')
            ) as r
          where
            case r.match
              when 'equals' then r.value = r.pattern
              when 'prefix' then substr(
                r.value,
                1,
                length(r.pattern)
              ) = r.pattern
              else instr(r.value, r.pattern) > 0
            end
        ),
        0
      )
      else 0
    end as line_risk,
    case
      when e.event_type in (
        select k.event_type
        from risk_rules as k
        where k.field not in ('event_type', 'input')
      ) then coalesce(
        (
          select max(r.score)
          from
            (
              select
                q.score,
                q.match,
                q.pattern,
                lower(
                  case q.field
                    when 'username' then e.username
                    when 'password' then e.password
                    when 'url' then e.url
                    when 'shasum' then e.shasum
                    when 'src_ip' then e.src_ip
                    when 'hassh' then e.hassh
                  end
                ) as value
              from risk_rules as q
              where
                q.event_type = e.event_type
                and q.field not in ('event_type', 'input')
            ) as r
          where
            case r.match
              when 'equals' then r.value = r.pattern
              when 'prefix' then substr(
                r.value,
                1,
                length(r.pattern)
              ) = r.pattern
              else instr(r.value, r.pattern) > 0
            end
        ),
        0
      )
      else 0
    end as field_risk
  from raw_events as e;
