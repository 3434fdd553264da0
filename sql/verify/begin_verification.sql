-- Notes that a verification has begun, with what is known to be proved so far.
--
-- Returns: one

insert into verifications
  (
    scope,
    state,
    first_position,
    proved_position,
    chain_digest,
    batches,
    events,
    sessions,
    differences,
    unproved,
    tool_version
  )
values
  (
    :scope,
    'running',
    :first_position,
    :proved_position,
    :chain_digest,
    0,
    0,
    0,
    0,
    0,
    :tool_version
  )
returning verification_id;
