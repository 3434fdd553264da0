-- Notes how far a verification has come.
--
-- Returns: none

update verifications
set
  state = :state,
  proved_position = :proved_position,
  chain_digest = :chain_digest,
  batches = :batches,
  events = :events,
  sessions = :sessions,
  differences = :differences,
  unproved = :unproved,
  finished_at = case
    when :state != 'running' then clock_timestamp()
  end
where verification_id = :verification_id;
