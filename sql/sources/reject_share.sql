-- The records of a source's newest batches, as many as make up the breaker's window, and those that were refused; the
-- breaker trips on a whole window, or on :least_records of a probe, of which more than the allowed share was refused.
--
-- Returns: one
-- Not null: records, rejected, is_tripped

select
  cast(coalesce(sum(w.records_read), 0) as bigint) as records,
  cast(coalesce(sum(w.records_rejected), 0) as bigint) as rejected,
  case
    when coalesce(sum(w.records_read), 0) >= max(w.enough_records)
    and 100 * coalesce(sum(w.records_rejected), 0) > max(
      w.breaker_percent
    ) * sum(w.records_read) then 1
    else 0
  end as is_tripped
from
  (
    select
      b.records_read,
      b.records_rejected,
      n.value as breaker_records,
      case
        when :least_records < n.value then :least_records
        else n.value
      end as enough_records,
      p.value as breaker_percent,
      sum(b.records_read) over (
        order by b.end_offset desc, b.batch_id desc
      ) - b.records_read as newer_records
    from
      sources as s
      join ingest_batches as b
        on b.source_id = s.source_id and b.first_offset >= s.breaker_offset
      cross join settings as n
      cross join settings as p
    where
      s.source_id = :source_id
      and b.kind = 'load'
      and b.records_read > 0
      and n.setting = 'breaker_records'
      and p.setting = 'breaker_percent'
    order by b.end_offset desc, b.batch_id desc
    limit
      (
        select t.value
        from settings as t
        where t.setting = 'breaker_records'
      )
  ) as w
where w.newer_records < w.breaker_records;
