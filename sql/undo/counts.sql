-- What the undo of a batch comes to; the same before the undo is opened and until its events move.
--
-- Returns: one
-- Not null: events, carried, letters, sessions, sessions_left

with
  members as (
    select m.batch_id
    from undo_members as m
    where m.undone_batch_id = :batch_id
  ),
  carries as (
    select c.event_id
    from undo_carries as c
    where c.undone_batch_id = :batch_id
  ),
  events as (
    select e.event_id, e.session_id
    from
      members as m
      join raw_events as e
        on e.event_id >= m.batch_id * 1048576
        and e.event_id < (m.batch_id + 1) * 1048576
  ),
  sessions as (
    select distinct e.session_id
    from events as e
    where e.session_id != ''
  )
select
  (select count(*) from events) as events,
  (select count(*) from carries) as carried,
  (
    select count(*)
    from dead_letter_events as d
    where
      d.batch_id in (select m.batch_id from members as m)
      and (
        d.resolution = 'undone'
        or d.dead_letter_id in (
          select l.dead_letter_id
          from undo_letters as l
          where l.undone_batch_id = :batch_id
        )
      )
  ) as letters,
  (select count(*) from sessions) as sessions,
  (
    select count(*)
    from sessions as s
    where
      exists (
        select 1
        from raw_events as r
        where
          r.session_id = s.session_id
          and (
            r.event_id >> 20 not in (select m.batch_id from members as m)
            or r.event_id in (select c.event_id from carries as c)
          )
      )
  ) as sessions_left;
