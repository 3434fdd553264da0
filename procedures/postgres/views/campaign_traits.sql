-- campaign_traits: what a session may share with another: its fingerprint, each of its files, and all of its commands together; with the networks of its address.
--
-- Reads:   session_summaries, session_files, command_stats
-- Differs: sqlite tells an address by what it does not hold.
--
-- The prefix is the /24 of an IPv4 address, and of an IPv6 address its /64, which one host has for itself: its first four
-- groups, with zeros written out. Addresses are as the gate writes them (RFC 5952). The commands are those of command_stats in bytewise order,
-- a line each; a line feed in one is written \n and a backslash twice, so that two sets are the same text only if they are the
-- same set.
create or replace view campaign_traits as
  select
    m.session_id,
    m.source_ip,
    m.snapshot_asn,
    case
      when m.source_ip ~ '^[0-9]+(\.[0-9]+){3}$' then rtrim(
        m.source_ip,
        '0123456789'
      ) || '0/24'
      when m.source_ip ~ '^[0-9a-f]*:[0-9a-f:]*$' then (
        select
          string_agg(g.value, ':' order by g.ordinal) filter (
            where g.ordinal <= 4
          ) || '::/64'
        from
          (
            select replace(btrim(m.source_ip, ':'), '::', ':') as written
          ) as said
          cross join unnest(
            string_to_array(
              btrim(
                replace(
                  m.source_ip,
                  '::',
                  ':' || repeat(
                    '0:',
                    8 - cast(said.written != '' as integer) - length(
                      said.written
                    ) + length(replace(said.written, ':', ''))
                  )
                ),
                ':'
              ),
              ':'
            )
          ) with ordinality as g (value, ordinal)
        having count(*) = 8
      )
    end as prefix,
    m.first_event_at,
    m.trait_kind,
    m.trait
  from
    (
      select
        s.session_id,
        s.source_ip,
        s.snapshot_asn,
        s.first_event_at,
        'hassh' as trait_kind,
        s.hassh as trait
      from session_summaries as s
      union all
      select
        s.session_id,
        s.source_ip,
        s.snapshot_asn,
        s.first_event_at,
        'commands',
        (
          select
            string_agg(
              replace(replace(c.command, '\', '\\'), chr(10), '\n'),
              chr(10)
              order by c.command
            )
          from command_stats as c
          where c.session_id = s.session_id
        )
      from session_summaries as s
      union all
      select
        s.session_id,
        s.source_ip,
        s.snapshot_asn,
        s.first_event_at,
        'file',
        f.shasum
      from
        session_summaries as s
        join session_files as f on f.session_id = s.session_id
    ) as m
  where m.source_ip is not null;
