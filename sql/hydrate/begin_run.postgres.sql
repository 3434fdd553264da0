-- Notes a run that copies into the store.
--
-- Returns: one

insert into hydrations
  (
    source_store_id,
    source_name,
    state,
    phase,
    settings,
    tool_version,
    schema_version,
    actor,
    worker,
    started_at
  )
values
  (
    :source_store_id,
    :source_name,
    'running',
    'preparing',
    cast(cast(:settings as text) as jsonb),
    :tool_version,
    :schema_version,
    :actor,
    :worker,
    :now
  )
returning hydration_id;
