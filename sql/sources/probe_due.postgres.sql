-- Whether a piece of a tripped source may be tried again.
--
-- Returns: one
-- Not null: is_due

select
  case
    when s.last_read_at <= clock_timestamp() - make_interval(
      secs => p.value
    ) then 1
    else 0
  end as is_due
from
  sources as s
  cross join settings as p
where s.source_id = :source_id and p.setting = 'breaker_probe_seconds';
