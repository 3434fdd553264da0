-- 0024_schema_ledger_chain: undo
--
-- Why:         Takes back the up file; what was blessed counts as applied.
-- Undo:        Apply the up file again: the chain begins anew over the entries that are left.

create table schema_ledger_anew (
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
    applied_at
  )
select
  l.ledger_id,
  l.kind,
  l.name,
  case l.action
    when 'bless' then 'up'
    else l.action
  end,
  l.digest,
  l.down_digest,
  l.duration_ms,
  l.actor,
  l.tool_version,
  l.applied_at
from schema_ledger as l
where l.action not in ('fail', 'head')
order by l.ledger_id;

drop table schema_ledger;

alter table schema_ledger_anew
rename to schema_ledger;
