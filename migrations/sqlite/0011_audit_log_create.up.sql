-- 0011_audit_log_create
--
-- Why:         Who changed what must be known of everything that the seal does not prove: rules, settings, letters, deletes.
-- Locks:       The write lock, for the catalogue change only.
-- Rewrites:    Nothing. The tables are new.
-- Undo:        The down file drops the audit log with all it holds.
-- Transaction: one
-- Differs:     SQLite has no users and a trigger cannot see its connection: the program writes its name into audit_context for the length of its transaction.

create table audit_log (
  audit_id integer constraint pk_audit_log primary key,
  occurred_at text not null default (strftime('%Y-%m-%dT%H:%M:%f000Z', 'now')),
  actor text not null,
  database_user text,
  command text,
  table_name text not null,
  row_key text not null,
  action text not null constraint ck_audit_log_action_known
    check (action in ('insert', 'update', 'delete')),
  before text constraint ck_audit_log_before_object
    check (json_valid(before, 1) and json_type(before) = 'object'),
  after text constraint ck_audit_log_after_object
    check (json_valid(after, 1) and json_type(after) = 'object'),
  constraint ck_audit_log_sides
    check (
      (before is null) = (action = 'insert')
      and (after is null) = (action = 'delete')
    )
)
strict;

create index ix_audit_log_table_name on audit_log (table_name, row_key);

create table audit_context (
  audit_context_id integer constraint pk_audit_context
    primary key constraint ck_audit_context_one_row
    check (audit_context_id = 1),
  actor text not null,
  command text not null
)
strict;
