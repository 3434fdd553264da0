-- The registered fields of an event id, its own ones first, then those of every event.
--
-- Returns: many

select f.event_type, f.field, f.json_types, f.since, f.until, f.flag, f.meaning
from event_fields as f
where
  f.event_type = :event_type
  or (
    f.event_type = '*'
    and not exists (
      select 1
      from event_fields as o
      where o.event_type = :event_type and o.field = f.field
    )
  )
order by
  case f.event_type
    when '*' then 1
    else 0
  end,
  f.field;
