-- Ends what set_context has said, before the commit.
--
-- Returns: maybe
-- Not null: audit_context_id

delete from audit_context
returning audit_context_id;
