-- check_raw_events: generated columns of events that are not what their payloads give; rows are violations.
--
-- Reads:   raw_events, expected_event_columns
-- Needs:   expected_event_columns
-- Differs: from sqlite in nothing but the spelling.
--
-- Asked for a range of event_id, as a batch is, it reads that range alone.
create or replace view check_raw_events as
  select
    e.event_id,
    k.key as column_name,
    to_jsonb(e) ->> k.key as stored,
    k.value as expected
  from
    raw_events as e
    join expected_event_columns as x on x.event_id = e.event_id
    cross join lateral jsonb_each_text(to_jsonb(x) - 'event_id') as k
  where
    (
      e.event_type,
      e.src_ip,
      e.sensor,
      e.protocol,
      e.username,
      e.password,
      e.input,
      e.shasum,
      e.url,
      e.hassh,
      e.client_version,
      e.duration_ms
    ) is distinct from (
      x.event_type,
      x.src_ip,
      x.sensor,
      x.protocol,
      x.username,
      x.password,
      x.input,
      x.shasum,
      x.url,
      x.hassh,
      x.client_version,
      x.duration_ms
    )
    and (to_jsonb(e) ->> k.key) is distinct from k.value;
