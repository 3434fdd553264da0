-- Notes in the ledger what was done, with the digest that covers this entry and the one before.
--
-- Returns: none

insert into schema_ledger
  (
    ledger_id,
    kind,
    name,
    action,
    digest,
    down_digest,
    duration_ms,
    actor,
    tool_version,
    applied_at,
    reason,
    body,
    entry_digest
  )
values
  (
    :ledger_id,
    :kind,
    :name,
    :action,
    :digest,
    :down_digest,
    :duration_ms,
    :actor,
    :tool_version,
    :applied_at,
    :reason,
    :body,
    :entry_digest
  );
