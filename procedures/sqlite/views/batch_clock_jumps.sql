-- batch_clock_jumps: batches whose times begin before, or long after, those of the batch that stands before them in the same file.
--
-- Reads:   ingest_batches, settings
-- Differs: from postgres in nothing but the spelling.
--
-- What a batch holds is stored in the order of its sessions, so the file's order is known between batches, not within one.
-- Only loads count: a replay or what an undo has carried stands at no place of the file.
create view batch_clock_jumps as
  select
    b.batch_id,
    b.source_id,
    b.previous_at,
    b.first_event_at,
    b.jump_seconds,
    case
      when b.jump_seconds < 0 then 'backward'
      else 'forward'
    end as direction
  from
    (
      select
        p.batch_id,
        p.source_id,
        p.previous_at,
        p.first_event_at,
        unixepoch(substr(p.first_event_at, 1, 19)) - unixepoch(
          substr(p.previous_at, 1, 19)
        ) as jump_seconds
      from
        (
          select
            l.batch_id,
            l.source_id,
            l.first_event_at,
            lag(l.last_event_at) over (
              partition by l.source_id
              order by l.first_offset, l.batch_id
            ) as previous_at
          from ingest_batches as l
          where
            l.kind = 'load'
            and l.undone_at is null
            and l.first_event_at is not null
        ) as p
    ) as b
    join settings as o on o.setting = 'clock_jump_seconds'
    join settings as f on f.setting = 'clock_forward_hours'
  where b.jump_seconds < -o.value or b.jump_seconds > 3600 * f.value;
