-- The end of the next page of sessions in the order that jobs walk, up to one of them, and how many they are.
--
-- Returns: one
-- Not null: session_count

select max(t.summary_id) as up_to_id, count(*) as session_count
from
  (
    select s.summary_id
    from session_places as s
    where
      s.summary_id > :after_id
      and s.summary_id <= :last_id
      and s.first_event_at >= :from_at
      and s.first_event_at < :to_at
    order by s.summary_id
    limit :page_size
  ) as t;
