-- check_raw_events: generated columns of events that are not what their payloads give; rows are violations.
--
-- Reads:   raw_events, expected_event_columns
-- Needs:   expected_event_columns
-- Differs: from postgres in nothing but the spelling.
--
-- Asked for a range of event_id, as a batch is, it reads that range alone.
create view check_raw_events as
  select
    j.event_id,
    k.key as column_name,
    j.stored ->> k.key as stored,
    k.value as expected
  from
    (
      select
        e.event_id,
        json_object(
          'event_type',
          e.event_type,
          'src_ip',
          e.src_ip,
          'sensor',
          e.sensor,
          'protocol',
          e.protocol,
          'username',
          e.username,
          'password',
          e.password,
          'input',
          e.input,
          'shasum',
          e.shasum,
          'url',
          e.url,
          'hassh',
          e.hassh,
          'client_version',
          e.client_version,
          'duration_ms',
          e.duration_ms
        ) as stored,
        json_object(
          'event_type',
          x.event_type,
          'src_ip',
          x.src_ip,
          'sensor',
          x.sensor,
          'protocol',
          x.protocol,
          'username',
          x.username,
          'password',
          x.password,
          'input',
          x.input,
          'shasum',
          x.shasum,
          'url',
          x.url,
          'hassh',
          x.hassh,
          'client_version',
          x.client_version,
          'duration_ms',
          x.duration_ms
        ) as expected
      from
        raw_events as e
        cross join expected_event_columns as x on x.event_id = e.event_id
      where
        e.event_type is not x.event_type
        or e.src_ip is not x.src_ip
        or e.sensor is not x.sensor
        or e.protocol is not x.protocol
        or e.username is not x.username
        or e.password is not x.password
        or e.input is not x.input
        or e.shasum is not x.shasum
        or e.url is not x.url
        or e.hassh is not x.hassh
        or e.client_version is not x.client_version
        or e.duration_ms is not x.duration_ms
    ) as j
    cross join json_each(j.expected) as k
  where (j.stored ->> k.key) is not k.value;
