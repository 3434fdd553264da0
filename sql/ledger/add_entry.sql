-- Notes in the ledger what was done.
--
-- Returns: none

insert into schema_ledger
  (kind, name, action, digest, down_digest, duration_ms, actor, tool_version)
values
  (
    :kind,
    :name,
    :action,
    :digest,
    :down_digest,
    :duration_ms,
    :actor,
    :tool_version
  );
