-- Whether a rebuild of a range of sessions would write anything; parts names summaries, command_stats or both.
--
-- Returns: one
-- Not null: differs

select
  has_differences(
    :after_id,
    :up_to_id,
    cast(cast(:from_at as text) as timestamptz),
    cast(cast(:to_at as text) as timestamptz),
    :parts
  ) as differs;
