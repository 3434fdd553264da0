-- The end of the next page of sessions in the order that jobs walk, up to one of them, and how many they are.
--
-- Returns: one
-- Not null: session_count

select p.last_id as up_to_id, p.session_count
from
  find_page(
    :after_id,
    :last_id,
    cast(cast(:from_at as text) as timestamptz),
    cast(cast(:to_at as text) as timestamptz),
    :page_size
  ) as p;
