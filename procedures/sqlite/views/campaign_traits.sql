-- campaign_traits: what a session may share with another: its fingerprint, each of its files, and all of its commands together; with the networks of its address.
--
-- Reads:   session_summaries, session_files, command_stats
-- Differs: postgres tells an IPv4 address by a regular expression.
--
-- The prefix is the /24 of an IPv4 address. The commands are those of command_stats in bytewise order, a line each; a line
-- feed in one is written \n and a backslash twice, so that two sets are the same text only if they are the same set.
-- Limit: an IPv6 address has no prefix here; its network number tells it.
create view campaign_traits as
  select
    s.session_id,
    s.source_ip,
    s.snapshot_asn,
    case
      when s.source_ip glob '[0-9]*.[0-9]*.[0-9]*.[0-9]*'
      and s.source_ip not glob '*[^0-9.]*'
      and s.source_ip not glob '*..*'
      and s.source_ip not glob '*.*.*.*.*' then rtrim(
        s.source_ip,
        '0123456789'
      ) || '0/24'
    end as prefix,
    s.first_event_at,
    t.trait_kind,
    case t.trait_kind
      when 'hassh' then s.hassh
      else (
        select
          group_concat(
            replace(replace(c.command, '\', '\\'), char(10), '\n'),
            char(10)
            order by c.command
          )
        from command_stats as c
        where c.session_id = s.session_id
      )
    end as trait
  from
    session_summaries as s
    cross join (
      select 'hassh' as trait_kind
      union all
      select 'commands'
    ) as t
  where s.source_ip is not null
  union all
  select
    s.session_id,
    s.source_ip,
    s.snapshot_asn,
    case
      when s.source_ip glob '[0-9]*.[0-9]*.[0-9]*.[0-9]*'
      and s.source_ip not glob '*[^0-9.]*'
      and s.source_ip not glob '*..*'
      and s.source_ip not glob '*.*.*.*.*' then rtrim(
        s.source_ip,
        '0123456789'
      ) || '0/24'
    end,
    s.first_event_at,
    'file',
    f.shasum
  from
    session_summaries as s
    join session_files as f on f.session_id = s.session_id
  where s.source_ip is not null;
