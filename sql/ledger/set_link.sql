-- Gives an entry that was made before there was a chain its place in it, and the text of its file, where that is the one applied.
--
-- Returns: none

update schema_ledger
set
  body = :body,
  entry_digest = :entry_digest
where ledger_id = :ledger_id and entry_digest is null;
