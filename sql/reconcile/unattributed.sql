-- Events without a session, by source.
--
-- Returns: many
-- Not null: source_id, path_shown, events

select b.source_id, s.path_shown, count(*) as events
from
  raw_events as e
  join ingest_batches as b on b.batch_id = e.event_id / 1048576
  join sources as s on s.source_id = b.source_id
where e.session_id = ''
group by b.source_id, s.path_shown
order by events desc, b.source_id
limit 100;
