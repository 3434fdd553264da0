-- Makes the ledger of migrations and procedures; it is there before the first migration.
--
-- Returns: none

create table if not exists schema_ledger (
  ledger_id integer constraint pk_schema_ledger primary key,
  kind text not null constraint ck_schema_ledger_kind_known
    check (kind in ('migration', 'procedure')),
  name text not null,
  action text not null constraint ck_schema_ledger_action_known
    check (action in ('up', 'down', 'apply', 'drop')),
  digest text not null,
  down_digest text,
  duration_ms integer not null,
  actor text not null,
  tool_version text not null,
  applied_at text not null default (strftime('%Y-%m-%dT%H:%M:%f000Z', 'now'))
)
strict;
