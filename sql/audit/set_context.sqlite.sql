-- Says who acts in this transaction, and with which command, for the audit log.
--
-- Returns: one
-- Not null: audit_context_id

insert or replace into audit_context (audit_context_id, actor, command)
values (1, :actor, :command)
returning audit_context_id;
