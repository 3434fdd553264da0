-- The credentials tried most in a period; the batches' time ranges narrow the events that are read.
--
-- Returns: many
-- Not null: attempts, successes

select
  e.username,
  e.password,
  count(*) as attempts,
  count(*) filter (where e.event_type = 'cowrie.login.success') as successes
from
  ingest_batches as b
  join raw_events as e
    on e.event_id >= b.batch_id * 1048576
    and e.event_id < (b.batch_id + 1) * 1048576
where
  b.last_event_at >= :period_start
  and b.first_event_at < :period_end
  and e.occurred_at >= :period_start
  and e.occurred_at < :period_end
  and e.event_type in ('cowrie.login.success', 'cowrie.login.failed')
group by e.username, e.password
order by attempts desc, e.username, e.password
limit :row_limit;
