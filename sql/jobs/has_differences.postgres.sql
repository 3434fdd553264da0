-- Whether a rebuild of a range of sessions would write anything, and how many they are; parts names summaries, command_stats or both.
--
-- Returns: one
-- Not null: differs, session_count

select
  has_differences(
    :after_id,
    :up_to_id,
    cast(cast(:from_at as text) as timestamptz),
    cast(cast(:to_at as text) as timestamptz),
    :parts
  ) as differs,
  p.session_count
from
  find_page(
    :after_id,
    :up_to_id,
    cast(cast(:from_at as text) as timestamptz),
    cast(cast(:to_at as text) as timestamptz),
    null
  ) as p;
