-- Says who acts in this transaction, and with which command, for the audit log.
--
-- Returns: one
-- Not null: audit_context_id

select 1 as audit_context_id
from
  set_config('cowrie.actor', :actor, true) as a
  cross join set_config('cowrie.command', :command, true) as c;
