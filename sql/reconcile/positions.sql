-- From where to where of the chain a run is to prove: what earlier runs have not, up to its end.
--
-- Returns: one
-- Not null: since_position, watermark_position

select
  coalesce(
    (
      select max(r.watermark_position)
      from reconcile_runs as r
      where r.finished_at is not null and (r.mode != 'quick' or :mode = 'quick')
    ),
    0
  ) as since_position,
  coalesce(
    (
      select max(b.chain_position)
      from ingest_batches as b
    ),
    0
  ) as watermark_position;
