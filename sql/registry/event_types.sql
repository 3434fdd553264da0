-- The registered event ids, with the number of their own fields; all, or one.
--
-- Returns: many
-- Not null: fields

select
  t.event_type,
  t.legacy_of,
  t.since,
  t.until,
  t.meaning,
  (
    select count(*)
    from event_fields as f
    where f.event_type = t.event_type
  ) as fields
from event_types as t
where
  cast(:event_type as text) is null
  or t.event_type = cast(:event_type as text)
order by t.event_type;
