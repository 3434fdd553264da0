-- Which version of the old system's schema a database has by its columns, which of those that an adoption needs are not there, and
-- which of those that the version should have; columns is a JSON array of table.column. Versions 6, 7, 12 and 14 changed nothing
-- that is read here.
--
-- Returns: one
-- Not null: missing, lacks

with
  marks(since_version, is_needed, item) as (
    values
      (5, 1, 'raw_events.id'),
      (5, 1, 'raw_events.source'),
      (5, 1, 'raw_events.payload'),
      (5, 1, 'raw_events.session_id'),
      (5, 1, 'raw_events.event_type'),
      (5, 1, 'raw_events.event_timestamp'),
      (5, 1, 'session_summaries.session_id'),
      (5, 1, 'session_summaries.first_event_at'),
      (5, 1, 'session_summaries.last_event_at'),
      (5, 1, 'session_summaries.event_count'),
      (5, 1, 'session_summaries.command_count'),
      (5, 1, 'session_summaries.login_attempts'),
      (5, 1, 'session_summaries.file_downloads'),
      (5, 0, 'session_summaries.enrichment'),
      (5, 0, 'files.shasum'),
      (8, 0, 'snowshoe_detections.id'),
      (9, 0, 'longtail_analysis.id'),
      (10, 0, 'password_tracking.id'),
      (11, 0, 'ssh_key_intelligence.id'),
      (13, 0, 'longtail_detection_sessions.session_id'),
      (15, 0, 'enrichment_cache.id'),
      (16, 0, 'session_summaries.source_ip'),
      (16, 0, 'session_summaries.snapshot_asn'),
      (16, 0, 'session_summaries.snapshot_country'),
      (16, 0, 'session_summaries.enrichment_at'),
      (16, 0, 'ip_inventory.ip_address'),
      (16, 0, 'asn_inventory.asn_number'),
      (17, 0, 'session_summaries.ssh_key_fingerprint'),
      (17, 0, 'session_summaries.password_hash'),
      (17, 0, 'session_summaries.command_signature')
  ),
  items as (
    select
      i.since_version,
      i.is_needed,
      i.item,
      case
        when i.item in (
          select c.value
          from
            jsonb_array_elements_text(
              cast(cast(:columns as text) as jsonb)
            ) as c (value)
        ) then 1
        else 0
      end as is_there
    from marks as i
  ),
  shape as (
    select max(i.since_version) as shape_version
    from items as i
    where i.is_there = 1
  )
select
  s.shape_version,
  coalesce(
    (
      select string_agg(i.item, ', ' order by i.item)
      from items as i
      where i.is_needed = 1 and i.is_there = 0
    ),
    ''
  ) as missing,
  coalesce(
    (
      select string_agg(i.item, ', ' order by i.item)
      from items as i
      where i.is_there = 0 and i.since_version <= s.shape_version
    ),
    ''
  ) as lacks
from shape as s;
