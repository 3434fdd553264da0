-- Begins a run behind those that are finished. The unique index lets one run alone be under way.
--
-- Returns: one

insert into reconcile_runs
  (
    mode,
    state,
    next_step,
    since_position,
    watermark_position,
    watermark_digest,
    tool_version,
    schema_version,
    actor,
    worker
  )
select
  :mode,
  'running',
  case
    when :mode = 'quick' then p.since_position
    else 0
  end,
  p.since_position,
  p.watermark_position,
  p.watermark_digest,
  :tool_version,
  :schema_version,
  :actor,
  :worker
from
  (
    select
      coalesce(
        (
          select max(r.watermark_position)
          from reconcile_runs as r
          where r.state = 'finished' and (r.mode != 'quick' or :mode = 'quick')
        ),
        0
      ) as since_position,
      coalesce(
        (
          select max(b.chain_position)
          from ingest_batches as b
        ),
        0
      ) as watermark_position,
      (
        select b.chain_digest
        from ingest_batches as b
        where b.chain_position is not null
        order by b.chain_position desc
        limit 1
      ) as watermark_digest
  ) as p
returning run_id;
