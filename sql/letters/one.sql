-- All that is known of a dead letter.
--
-- Returns: maybe
-- Not null: is_cut

select
  d.dead_letter_id,
  d.batch_id,
  d.source_id,
  s.path_shown,
  d.source_offset,
  d.record_bytes,
  d.record_digest,
  d.record,
  d.record_tail,
  case
    when d.record_tail is null then 0
    else 1
  end as is_cut,
  d.reason,
  r.meaning,
  d.detail,
  d.created_at,
  d.attempts,
  d.rules_version,
  d.version_attempts,
  d.resolved_at,
  d.resolution,
  d.resolved_batch_id,
  d.purged_at
from
  dead_letter_events as d
  join dead_letter_reasons as r on r.reason = d.reason
  join sources as s on s.source_id = d.source_id
where d.dead_letter_id = :letter;
