-- Ends what set_context has said, before the commit.
--
-- Returns: maybe
-- Not null: audit_context_id

select 1 as audit_context_id
from
  set_config('cowrie.actor', '', true) as a
  cross join set_config('cowrie.command', '', true) as c;
