-- Whether the store is open, being copied into, copied, or retired for another one.
--
-- Returns: one

select
  s.store_id,
  s.state,
  s.moved_to,
  s.actor,
  s.changed_at
from store_state as s;
