-- 0024_schema_ledger_chain
--
-- Why:         An auditor must see that no entry was changed or taken out: each covers the one before, failures, reasons and the text that was applied are kept.
-- Locks:       The write lock, for the catalogue change and a digest of each entry.
-- Rewrites:    Every entry of schema_ledger gets its digest from the runner, some hundred rows.
-- Undo:        The down file drops the columns, the entries of failures, and with them who blessed what and why.
-- Transaction: one
-- Differs:     SQLite cannot change a check, so the table is made anew. Where a database knows a folder of somebody's own alone
--              the columns are there already: a name that the table has not is that of the row of empty values beside it.

create table schema_ledger_anew (
  ledger_id integer constraint pk_schema_ledger primary key,
  kind text not null constraint ck_schema_ledger_kind_known
    check (kind in ('migration', 'procedure', 'head')),
  name text not null,
  action text not null constraint ck_schema_ledger_action_known
    check (action in ('up', 'down', 'apply', 'drop', 'fail', 'bless', 'head')),
  digest text not null,
  down_digest text,
  duration_ms integer not null,
  actor text not null,
  tool_version text not null,
  applied_at text not null default (strftime('%Y-%m-%dT%H:%M:%f000Z', 'now')),
  reason text,
  body text,
  entry_digest text
)
strict;

insert into schema_ledger_anew
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
select
  l.ledger_id,
  l.kind,
  l.name,
  l.action,
  l.digest,
  l.down_digest,
  l.duration_ms,
  l.actor,
  l.tool_version,
  l.applied_at,
  (select reason from schema_ledger as i where i.ledger_id = l.ledger_id),
  (select body from schema_ledger as i where i.ledger_id = l.ledger_id),
  (select entry_digest from schema_ledger as i where i.ledger_id = l.ledger_id)
from
  schema_ledger as l
  cross join (select null as reason, null as body, null as entry_digest) as e
order by l.ledger_id;

insert or ignore into schema_ledger_anew
  (ledger_id, kind, name, action, digest, duration_ms, actor, tool_version)
values (0, 'head', '', 'head', '', 0, '', '');

drop table schema_ledger;

alter table schema_ledger_anew
rename to schema_ledger;
