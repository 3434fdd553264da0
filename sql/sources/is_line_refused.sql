-- Whether the line that starts at a place of a source has been read and refused: a dead letter of it stands, or its undo
-- was not followed by another reading. A line that was healed with its rest from the next file has none.
--
-- Returns: one
-- Not null: is_refused

select
  case
    when exists (
      select 1
      from
        dead_letter_events as d
        join sources as s on s.source_id = d.source_id
      where
        d.source_id = :source_id
        and d.source_offset >= :line_offset
        and s.next_offset > :line_offset
        and (
          d.resolution is distinct from 'undone'
          or d.batch_id = (
            select max(b.batch_id)
            from ingest_batches as b
            where
              b.source_id = :source_id
              and b.kind = 'load'
              and b.first_offset <= :line_offset
              and b.end_offset > :line_offset
          )
        )
    ) then 1
    else 0
  end as is_refused;
