-- 0024_schema_ledger_chain
--
-- Why:         An auditor must see that no entry was changed or taken out: each covers the one before, failures, reasons and the text that was applied are kept.
-- Locks:       ACCESS EXCLUSIVE on schema_ledger, for the catalogue change and a digest of each entry.
-- Rewrites:    Every entry of schema_ledger gets its digest from the runner, some hundred rows.
-- Undo:        The down file drops the columns, the entries of failures, and with them who blessed what and why.
-- Transaction: one
-- Differs:     A database that knows a folder of somebody's own alone has these columns already.

-- lint: check-scans: the ledger has some hundred entries
alter table schema_ledger
add column if not exists reason text,
add column if not exists body text,
add column if not exists entry_digest text,
drop constraint ck_schema_ledger_kind_known,
drop constraint ck_schema_ledger_action_known,
-- squawk-ignore constraint-missing-not-valid
add constraint ck_schema_ledger_kind_known
  check (kind in ('migration', 'procedure', 'head')),
-- squawk-ignore constraint-missing-not-valid
add constraint ck_schema_ledger_action_known
  check (action in ('up', 'down', 'apply', 'drop', 'fail', 'bless', 'head'));

insert into schema_ledger
  (ledger_id, kind, name, action, digest, duration_ms, actor, tool_version)
values (0, 'head', '', 'head', '', 0, '', '')
on conflict (ledger_id) do nothing;
