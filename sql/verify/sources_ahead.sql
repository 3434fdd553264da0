-- Sources that were read further than their batches go; a batch behind them is missing.
--
-- Returns: many

select s.source_id, s.next_offset, b.end_offset
from
  sources as s
  left join (
    select source_id, max(end_offset) as end_offset
    from ingest_batches
    group by source_id
  ) as b
    on b.source_id = s.source_id
where s.next_offset > coalesce(b.end_offset, 0)
order by s.source_id
limit 100;
