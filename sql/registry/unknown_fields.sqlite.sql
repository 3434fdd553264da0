-- Fields that are not registered, of the events of the newest batches, most first.
--
-- Returns: many
-- Not null: field, events, first_seen, last_seen, example_session
--
-- Names are counted by event before the registry is asked: it has few, the events have many.

select
  u.event_type,
  u.field,
  u.events,
  u.first_seen as first_seen,
  u.last_seen as last_seen,
  u.example_session
from
  (
    select
      e.event_type,
      k.key as field,
      count(*) as events,
      min(e.occurred_at) as first_seen,
      max(e.occurred_at) as last_seen,
      max(e.session_id) as example_session
    from
      (
        select b.batch_id
        from ingest_batches as b
        where b.events_accepted > 0
        order by b.batch_id desc
        limit :batches
      ) as n
      join raw_events as e
        on e.event_id >= n.batch_id * 1048576
        and e.event_id < (n.batch_id + 1) * 1048576
      join json_each(e.payload) as k
    where e.occurred_at >= :since
    group by e.event_type, k.key
  ) as u
where
  not exists (
    select 1
    from event_fields as f
    where f.event_type in (u.event_type, '*') and f.field = u.field
  )
order by u.events desc, u.event_type, u.field
limit :most;
