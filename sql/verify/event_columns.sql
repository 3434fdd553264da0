-- Generated columns of the events of a range that are not what their payloads give.
--
-- Returns: many
-- Not null: column_name

select
  c.event_id,
  cast(c.column_name as text) as column_name,
  cast(c.stored as text) as stored,
  cast(c.expected as text) as expected
from check_raw_events as c
where c.event_id > :after_event and c.event_id < :before_event
limit 1000;
